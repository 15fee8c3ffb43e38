import { setFlagsFromString } from 'node:v8';
import { Command } from '@oclif/core/command';
import { jsonFlag, seedsFlag, specArguments, specRequest } from '../spec-arguments.js';

/** `fedx validate`: checks a spec. */
export class Validate extends Command {
  static override summary = 'Check a spec and show every problem at once.';
  static override description = [
    'Nothing is loaded or trained, but the plugin files that the spec names are executed: validate only specs that you trust.',
    'With --json the document holds the resolved spec, all defaults filled in.',
  ].join('\n\n');
  static override examples = [
    '<%= config.bin %> <%= command.id %> experiments/noniid-mnist.yaml',
    '<%= config.bin %> <%= command.id %> experiments/noniid-mnist.yaml client.batchSize=all --json',
  ];
  static override args = specArguments;
  static override flags = { json: jsonFlag, seeds: seedsFlag };

  override async run(): Promise<void> {
    // What is read is read once: to compile it better on other threads takes a fifth of the command's processor time.
    setFlagsFromString('--no-opt');
    const { args, flags } = await this.parse(Validate);
    const [{ openHost }, { validateExperiment }] = await Promise.all([
      import('../host.js'),
      import('../validate-experiment.js'),
    ]);
    const request = specRequest(args, flags);
    await validateExperiment({
      host: await openHost(),
      request,
      mode: flags.json ? 'json' : 'text',
      terminal: process,
    });
  }
}
