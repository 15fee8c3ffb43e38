import type { ExperimentSpec } from '@fedx/core/host';
import type { SpecCommand } from './spec-command.js';
import { writeJson, writeLine } from './terminal.js';

/**
 * Says that the spec is valid, or throws with every problem. The JSON document is `{ valid: true, spec, points }`: the
 * resolved spec, of a sweep that of its first point, and what each point sets.
 */
export async function validateExperiment({ host, request, mode, terminal }: SpecCommand<'validate'>): Promise<void> {
  const points = await host.validate(request);
  if (mode === 'json') {
    const [first] = points;
    writeJson(terminal.stdout, {
      valid: true,
      spec: first?.spec,
      points: points.map(({ overrides }) => ({ overrides })),
    });
    return;
  }
  /** Of a sweep, what its points have, each once. */
  const all = (of: (spec: ExperimentSpec) => string | number): string =>
    [...new Set(points.map(({ spec }) => of(spec)))].join(', ');
  const runs = points.length === 1 ? '' : `${points.length} points, `;
  const training = `${all(({ server }) => server.rounds)} rounds of ${all(({ strategy }) => strategy.use)}`;
  const [name, dataset] = [all((spec) => spec.name), all((spec) => spec.dataset.use)];
  writeLine(terminal.stdout, `${request.file} is valid: ${name}, ${runs}${training} on ${dataset}.`);
}
