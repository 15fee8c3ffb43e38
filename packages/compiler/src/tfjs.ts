import { createRequire } from 'node:module';
import type * as tfjs from '@tensorflow/tfjs';

/**
 * tfjs, by `require`: it is CommonJS, and `import` first reads all of its source for the names that it exports, which takes
 * twice as long as to run it.
 */
export const tf = createRequire(import.meta.url)('@tensorflow/tfjs') as typeof tfjs;

/**
 * The JavaScript backend advises at its first tensor to install another one, which fedx would not use. That tensor is made
 * here, while tfjs warns of nothing.
 */
function makeFirstTensor(): void {
  const isQuiet = tf.env().getBool('PROD');
  tf.env().set('PROD', true);
  const backend = tf.findBackend('cpu');
  backend.disposeData(backend.write(Float32Array.of(0), [1], 'float32'));
  tf.env().set('PROD', isQuiet);
}

makeFirstTensor();
