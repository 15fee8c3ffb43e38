import * as Args from '@oclif/core/args';
import { Command } from '@oclif/core/command';
import { completionScripts, type Shell, shells } from '../completion/index.js';
import { jsonFlag } from '../spec-arguments.js';
import { writeJson } from '../terminal.js';

/** `fedx completion`: prints what sets completion up in a shell. */
export class Completion extends Command {
  static override summary = 'Print the script that completes fedx in bash, zsh or fish.';
  static override description = [
    'Then the Tab key offers commands, flags, YAML files, the paths of the spec that stands before, and after strategy.use= the ' +
      'names of plugins. It reads the spec, and never runs the plugin files that it names.',
    'bash: put eval "$(fedx completion bash)" into ~/.bashrc. zsh: eval "$(fedx completion zsh)" into ~/.zshrc, after compinit. ' +
      'fish: write the script to ~/.config/fish/completions/fedx.fish.',
  ].join('\n\n');
  static override examples = [
    '<%= config.bin %> <%= command.id %> bash >> ~/.bashrc',
    '<%= config.bin %> <%= command.id %> zsh > ~/.zfunc/_fedx',
    '<%= config.bin %> <%= command.id %> fish > ~/.config/fish/completions/fedx.fish',
  ];
  static override args = {
    shell: Args.custom<Shell>({ options: [...shells] })({
      required: true,
      ignoreStdin: true,
      description: 'The shell that is to complete fedx.',
    }),
  };
  static override flags = { json: jsonFlag };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(Completion);
    const script = completionScripts[args.shell];
    if (flags.json) writeJson(process.stdout, { shell: args.shell, script });
    else process.stdout.write(script);
  }
}
