import type { SpecCommand } from './spec-command.js';
import { writeJson, writeLine } from './terminal.js';

/** Says that the spec is valid, or throws with every problem. The JSON document is `{ valid: true, spec }`. */
export async function validateExperiment({ host, request, mode, terminal }: SpecCommand<'validate'>): Promise<void> {
  const spec = await host.validate(request);
  if (mode === 'json') writeJson(terminal.stdout, { valid: true, spec });
  else
    writeLine(
      terminal.stdout,
      `${request.file} is valid: ${spec.name}, ${spec.server.rounds} rounds of ${spec.strategy.use} on ${spec.dataset.use}.`,
    );
}
