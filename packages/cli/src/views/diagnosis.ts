import type { EngineDiagnosis, EnginesDiagnosis } from '@fedx/core/host';
import type { Paint } from './paint.js';
import { renderTable } from './table.js';

/** What `fedx doctor` found out. */
export interface Diagnosis extends EnginesDiagnosis {
  readonly node: string;
  readonly platform: string;
  /** That this process may use. */
  readonly cores: number;
}

/** Whether a spec that leaves the engine to fedx would run, whatever its model. */
export function canRun({ engines, automatic }: EnginesDiagnosis): boolean {
  return Object.values(automatic).every((chosen) => engines.some(({ name, usable }) => usable && name === chosen));
}

/** The engines in a table, then what is wrong with those that cannot run and what mends it. */
export async function renderDiagnosis(diagnosis: Diagnosis, paint: Paint): Promise<string> {
  const { node, platform, cores, engines, automatic } = diagnosis;
  const table = await renderTable(
    ['engine', '', 'version', 'devices', 'from'].map((heading) => ({ heading, align: 'left' as const })),
    engines.map((engine) => [
      engine.name,
      engine.usable ? paint('green', 'usable') : paint('yellow', 'not usable'),
      engine.version ?? '–',
      engine.devices.join(', ') || '–',
      engine.source ?? '–',
    ]),
  );
  const { products, windows } = automatic;
  const meaning =
    products === windows
      ? products
      : `${products}, and ${windows} for models of depthwise, dilated or strided convolutions or overlapping pools,`;
  const end = canRun(diagnosis)
    ? `engine.use=auto means ${meaning} here.`
    : paint('red', `engine.use=auto means ${meaning} here, which cannot run.`);
  return [`Node ${node}, ${platform}, ${cores} cores`, '', table, '', ...engines.flatMap(explain), end].join('\n');
}

function explain({ name, usable, problem, remedy }: EngineDiagnosis): readonly string[] {
  if (usable) return [];
  return [`${name}: ${problem ?? 'it does not work.'}`, ...(remedy === undefined ? [] : [`  ${remedy}`]), ''];
}
