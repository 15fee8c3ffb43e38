import { availableParallelism } from 'node:os';
import { exitCodes, openEngineSetup } from '@fedx/core/host';
import { type OutputMode, type Terminal, writeJson, writeLine } from './terminal.js';
import { canRun, renderDiagnosis } from './views/diagnosis.js';
import { paintFor } from './views/paint.js';

/** Tries the engines, shows what came of it, and returns the exit code: 0 where `engine: { use: auto }` can run, else 5. */
export async function diagnose({
  mode,
  terminal,
}: {
  readonly mode: OutputMode;
  readonly terminal: Terminal;
}): Promise<number> {
  const { diagnoseEngines } = await openEngineSetup();
  const diagnosis = {
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    cores: availableParallelism(),
    ...(await diagnoseEngines()),
  };
  if (mode === 'json') writeJson(terminal.stdout, diagnosis);
  else writeLine(terminal.stdout, await renderDiagnosis(diagnosis, paintFor(terminal.stdout)));
  return canRun(diagnosis) ? exitCodes.done : exitCodes.environment;
}
