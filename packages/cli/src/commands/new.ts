import * as Args from '@oclif/core/args';
import { Command } from '@oclif/core/command';
import * as Flags from '@oclif/core/flags';
import { pluginKinds } from '../plugin-kinds.js';
import { jsonFlag } from '../spec-arguments.js';

const kinds = Object.entries(pluginKinds).map(([kind, does]) => `${kind}: ${does}`);

/** `fedx new`: writes a plugin package to start from. */
export class New extends Command {
  static override summary = 'Start a plugin: a TypeScript package with a test that passes.';
  static override description = [
    'Writes package.json, tsconfig.json, README.md, the plugin with its test in src/, and example.yaml that runs it. The test ' +
      'holds the plugin to what fedx asks of every plugin of its kind. Never overwrites a file.',
    `Kinds:\n${kinds.join('\n')}`,
  ].join('\n\n');
  static override examples = [
    '<%= config.bin %> <%= command.id %> strategy my-rule',
    '<%= config.bin %> <%= command.id %> partitioner by-hospital --directory plugins/by-hospital',
  ];
  static override args = {
    kind: Args.string({
      required: true,
      ignoreStdin: true,
      options: Object.keys(pluginKinds),
      description: 'What it is.',
    }),
    name: Args.string({
      required: true,
      ignoreStdin: true,
      description: 'What specs call it: lower-case letters, digits and dashes.',
    }),
  };
  static override flags = {
    json: jsonFlag,
    directory: Flags.string({ description: 'Folder to write to; default: one of its name here.' }),
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(New);
    const { startPlugin } = await import('../start-plugin.js');
    const mode = flags.json ? 'json' : 'text';
    await startPlugin({ ...args, directory: flags.directory ?? args.name, mode, terminal: process });
  }
}
