import { FedxError } from '../errors/index.js';
import { glanceAtRun, type InvocationRecord } from '../runs/index.js';
import { hashSpec, overridesText, type SpecPoint } from '../spec/index.js';

/** Refuses points that are not those that the invocation began with. Throws FEDX_RESUME_CHANGED. */
export function checkUnchanged(record: InvocationRecord, points: readonly SpecPoint[]): void {
  const changed = record.points.findIndex(({ specHash }, index) => {
    const point = points[index];
    return point === undefined || hashSpec(point.spec) !== specHash;
  });
  if (changed === -1 && record.points.length === points.length) return;
  const overrides = record.points[changed]?.overrides ?? {};
  const where = Object.keys(overrides).length === 0 ? '' : ` where ${overridesText(overrides)}`;
  throw new FedxError(
    'FEDX_RESUME_CHANGED',
    `${record.file} no longer resolves to what ${record.id} began with${where}.`,
    {
      place: { file: record.file },
    },
  );
}

/** The points (from 0) of which a run completed, with that run. */
export function completedPoints(directory: string, { points }: InvocationRecord): ReadonlyMap<number, string> {
  return new Map(
    points.flatMap(({ runs }, index) => {
      const completed = runs.find((run) => glanceAtRun(directory, run).status === 'completed');
      return completed === undefined ? [] : [[index, completed] as const];
    }),
  );
}
