import type { Host, SpecRequest } from '@fedx/core/host';
import { type OutputMode, type Terminal, writeJson, writeLine } from './terminal.js';

export interface ValidateCommand {
  readonly host: Pick<Host, 'validate'>;
  readonly request: SpecRequest;
  readonly mode: OutputMode;
  readonly terminal: Terminal;
}

/**
 * Says that the spec is valid, or throws with every problem. The JSON document is `{ valid: true, spec, points }`: the
 * resolved spec, of a sweep that of its first point, and what each point sets.
 */
export async function validateExperiment({ host, request, mode, terminal }: ValidateCommand): Promise<void> {
  const points = await host.validate(request);
  const spec = points[0]?.spec;
  if (mode === 'json') {
    writeJson(terminal.stdout, { valid: true, spec, points: points.map(({ overrides }) => ({ overrides })) });
  } else if (spec !== undefined) {
    const runs = points.length === 1 ? '' : `${points.length} points, `;
    writeLine(
      terminal.stdout,
      `${request.file} is valid: ${spec.name}, ${runs}${spec.server.rounds} rounds of ${spec.strategy.use} on ${spec.dataset.use}.`,
    );
  }
}
