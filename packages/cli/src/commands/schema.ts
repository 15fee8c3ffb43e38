import * as Args from '@oclif/core/args';
import { Command } from '@oclif/core/command';
import { jsonFlag } from '../spec-arguments.js';

/** `fedx schema`: prints the schema of specs for editors. */
export class Schema extends Command {
  static override summary = 'Print the JSON Schema of specs, for editors.';
  static override description = [
    'JSON Schema draft-07 of a whole spec with the options of every plugin. An editor that reads it completes keys and plugin ' +
      'names and marks what is misspelt. The schema of the plugins that ship comes with this package, as ' +
      'schema/experiment.schema.json.',
    'With SPEC the plugins that it names are in it too; their files are executed.',
  ].join('\n\n');
  static override examples = [
    '<%= config.bin %> <%= command.id %> > experiment.schema.json',
    '<%= config.bin %> <%= command.id %> examples/server-momentum.yaml > server-momentum.schema.json',
  ];
  static override args = {
    spec: Args.string({ ignoreStdin: true, description: 'A spec whose own plugins the schema shall know.' }),
  };
  static override flags = { json: jsonFlag };

  override async run(): Promise<void> {
    const { args } = await this.parse(Schema);
    const [{ openHost }, { writeJson }] = await Promise.all([import('../host.js'), import('../terminal.js')]);
    const host = await openHost();
    writeJson(process.stdout, await host.schema(args.spec));
  }
}
