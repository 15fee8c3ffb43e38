import * as Args from '@oclif/core/args';
import { Command } from '@oclif/core/command';
import { jsonFlag } from '../spec-arguments.js';

/** `fedx init`: writes a project to start from. */
export class Init extends Command {
  static override summary = 'Start a project: a spec that runs, and a folder for plugins.';
  static override description =
    'Writes experiment.yaml, a plugin in plugins/, package.json, tsconfig.json, README.md and .gitignore. Never overwrites a file.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> my-study',
    '<%= config.bin %> <%= command.id %>  # in this folder',
  ];
  static override args = {
    directory: Args.string({
      ignoreStdin: true,
      default: '.',
      description: 'Folder of the project; made where it is missing.',
    }),
  };
  static override flags = { json: jsonFlag };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(Init);
    const { startProject } = await import('../start-project.js');
    await startProject({ directory: args.directory, mode: flags.json ? 'json' : 'text', terminal: process });
  }
}
