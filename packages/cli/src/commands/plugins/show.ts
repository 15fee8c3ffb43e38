import * as Args from '@oclif/core/args';
import { Command } from '@oclif/core/command';
import { jsonFlag } from '../../spec-arguments.js';

/** `fedx plugins show`: explains one plugin. */
export class PluginsShow extends Command {
  static override summary = 'Explain a plugin: what it does, its options, and how a spec chooses it.';
  static override description =
    'Where two kinds have a plugin of the name, both are shown; KIND/NAME chooses one. With SPEC the plugins that it names ' +
    'are known too; their files are executed.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> mlp',
    '<%= config.bin %> <%= command.id %> sampler/all',
    '<%= config.bin %> <%= command.id %> server-momentum examples/server-momentum.yaml',
    "<%= config.bin %> <%= command.id %> mlp --json | jq '.plugins[].options.properties'",
  ];
  static override args = {
    name: Args.string({ required: true, ignoreStdin: true, description: 'A plugin as NAME or KIND/NAME.' }),
    spec: Args.string({ ignoreStdin: true, description: 'A spec whose own plugins are to be known too.' }),
  };
  static override flags = { json: jsonFlag };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(PluginsShow);
    const [{ openHost }, { showPlugin }] = await Promise.all([
      import('../../host.js'),
      import('../../list-plugins.js'),
    ]);
    const mode = flags.json ? 'json' : 'text';
    await showPlugin({ host: await openHost(), name: args.name, spec: args.spec, mode, terminal: process });
  }
}
