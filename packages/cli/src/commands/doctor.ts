import { Command } from '@oclif/core/command';
import { jsonFlag } from '../spec-arguments.js';

/** `fedx doctor`: says what runs on this machine. */
export class Doctor extends Command {
  static override summary = 'Try every engine and say what mends those that cannot run.';
  static override description =
    'Exit code 0 where a spec with engine.use=auto can run, else 5. With --json the document holds the same.';
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --json'];
  static override flags = { json: jsonFlag };

  override async run(): Promise<number> {
    const { flags } = await this.parse(Doctor);
    const { diagnose } = await import('../diagnose.js');
    return diagnose({ mode: flags.json ? 'json' : 'text', terminal: process });
  }
}
