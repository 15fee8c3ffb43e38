import * as Args from '@oclif/core/args';
import { Command } from '@oclif/core/command';
import * as Flags from '@oclif/core/flags';
import { jsonFlag } from '../spec-arguments.js';

/** `fedx export`: writes a run's final model for others to read. */
export class Export extends Command {
  static override summary = 'Write the final model of a run as safetensors, ONNX, tfjs or SavedModel.';
  static override description =
    'tfjs is a graph model for tf.loadGraphModel, savedmodel a TensorFlow SavedModel without variables. All take inputs of ' +
    'any batch as the model saw them in training (images times scale) and give logits. tfjs and savedmodel make the model ' +
    'anew from the run’s resolved spec: its plugin files are executed, its dataset is loaded. Where the plugin of the model has changed ' +
    'since, that is refused.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> latest --format tfjs --out model',
    '<%= config.bin %> <%= command.id %> latest --arm centralized --format savedmodel --out model --json',
  ];
  static override args = {
    run: Args.string({ required: true, ignoreStdin: true, description: 'Id of the run, its beginning, or latest.' }),
  };
  static override flags = {
    json: jsonFlag,
    arm: Flags.string({ default: 'federated', description: 'Whose model: federated, or the name of a control.' }),
    format: Flags.string({
      options: ['safetensors', 'onnx', 'tfjs', 'savedmodel'],
      default: 'onnx',
      description: 'What to write.',
    }),
    out: Flags.string({ default: 'model', description: 'Folder for the files; made where it is missing.' }),
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(Export);
    const [{ openHost }, { exportModel }] = await Promise.all([import('../host.js'), import('../export-model.js')]);
    await exportModel({
      host: await openHost(),
      request: { run: args.run, arm: flags.arm, format: flags.format, folder: flags.out },
      mode: flags.json ? 'json' : 'text',
      terminal: process,
    });
  }
}
