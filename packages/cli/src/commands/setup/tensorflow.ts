import { Command } from '@oclif/core/command';
import * as Flags from '@oclif/core/flags';
import { jsonFlag } from '../../spec-arguments.js';

/** `fedx setup tensorflow`: builds what the engine `tensorflow` runs on. */
export class SetupTensorflow extends Command {
  static override summary = 'Set TensorFlow up as an engine: engine.use=tensorflow.';
  static override description = [
    "Takes TensorFlow's wheel with pip into an environment of its own in your cache (FEDX_CACHE, else the system's folder " +
      'for that), builds the native binding of tfjs-node against it, and checks it with one training step. Needs Linux, ' +
      'Python 3.10 or later with venv, and a C++ compiler; changes nothing outside of the cache.',
    'Interrupted or failed, it goes on where it stopped when it is started again.',
  ].join('\n\n');
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --cuda'];
  static override flags = {
    json: jsonFlag,
    cuda: Flags.boolean({
      default: false,
      description: 'Take TensorFlow with CUDA, for NVIDIA GPUs; several gigabytes.',
    }),
    version: Flags.string({ description: 'Another version of TensorFlow, as major.minor.patch.' }),
  };

  override async run(): Promise<void> {
    const { flags } = await this.parse(SetupTensorflow);
    const [{ showTensorflowSetup }, { listenForInterruption }] = await Promise.all([
      import('../../setup-command.js'),
      import('../../interruption.js'),
    ]);
    const interruption = listenForInterruption(process, process.stdout);
    try {
      await showTensorflowSetup({
        version: flags.version,
        cuda: flags.cuda,
        mode: flags.json ? 'json' : 'text',
        terminal: process,
        signal: interruption.signal,
      });
    } finally {
      interruption.release();
    }
  }
}
