import type * as engines from './engines/index.js';

/** What sets engines up, and says what is wrong with them. */
export type EngineSetup = Pick<typeof engines, 'adoptBinding' | 'bindingsFolder' | 'checkBinding' | 'diagnoseEngines'>;

/** Loaded when it is asked for: who only reads specs does not wait for engines. */
export async function openEngineSetup(): Promise<EngineSetup> {
  const { adoptBinding, bindingsFolder, checkBinding, diagnoseEngines } = await import('./engines/index.js');
  return { adoptBinding, bindingsFolder, checkBinding, diagnoseEngines };
}
