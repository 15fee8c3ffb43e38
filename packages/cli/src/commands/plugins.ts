import * as Args from '@oclif/core/args';
import { Command } from '@oclif/core/command';
import { jsonFlag } from '../spec-arguments.js';

/** `fedx plugins`: lists the plugins that a spec can choose. */
export class Plugins extends Command {
  static override summary = 'List the plugins that a spec can choose.';
  static override description = [
    'By kind and name, with the package or file that each comes from, and its options. fedx plugins show NAME explains one.',
    'With SPEC the plugins that it names are listed too; their files are executed.',
  ].join('\n\n');
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> examples/server-momentum.yaml',
    "<%= config.bin %> <%= command.id %> --json | jq -r '.plugins[].name'",
  ];
  static override args = {
    spec: Args.string({ ignoreStdin: true, description: 'A spec whose own plugins are to be listed too.' }),
  };
  static override flags = { json: jsonFlag };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(Plugins);
    const [{ openHost }, { listPlugins }] = await Promise.all([import('../host.js'), import('../list-plugins.js')]);
    const mode = flags.json ? 'json' : 'text';
    await listPlugins({ host: await openHost(), spec: args.spec, mode, terminal: process });
  }
}
