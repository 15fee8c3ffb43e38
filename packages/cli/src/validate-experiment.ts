import type { Host, SpecRequest } from '@fedx/core/host';
import { type OutputMode, type Terminal, writeJson, writeLine } from './terminal.js';

export interface ValidateCommand {
  readonly host: Pick<Host, 'validate'>;
  readonly request: SpecRequest;
  readonly mode: OutputMode;
  readonly terminal: Terminal;
}

/** Says that the spec is valid, or throws with every problem. The JSON document is `{ valid: true, spec }`. */
export async function validateExperiment({ host, request, mode, terminal }: ValidateCommand): Promise<void> {
  const spec = await host.validate(request);
  if (mode === 'json') writeJson(terminal.stdout, { valid: true, spec });
  else
    writeLine(
      terminal.stdout,
      `${request.file} is valid: ${spec.name}, ${spec.server.rounds} rounds of ${spec.strategy.use} on ${spec.dataset.use}.`,
    );
}
