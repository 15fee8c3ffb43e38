/** The engines ONNX and TensorFlow: other models, many small clients, compilation, a second core. */
import { measureCompilation } from './compilation.js';
import { measureCores } from './cores.js';
import { measureManyClients } from './many-clients.js';
import { measureLenet, measureMcmahan10, measureMcmahan50, measureMlp } from './steps.js';

export const engines = {
  mlp: measureMlp,
  'cnn-10': measureMcmahan10,
  'cnn-50': measureMcmahan50,
  lenet: measureLenet,
  clients: measureManyClients,
  compilation: measureCompilation,
  cores: measureCores,
};
