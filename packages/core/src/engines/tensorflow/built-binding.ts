import { mkdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { tryEngine } from '../try-engine.js';
import { createTensorflowEngine } from './engine.js';
import { bindingsFolder, type CurrentBinding, SETUP_COMMAND, type TensorflowBinding } from './find-binding.js';
import { probeBinding, type TensorflowDescription, xlaOf } from './probe.js';

/** A binding as a setup leaves it: the native addon, and folders of libraries that it loads by itself. */
export type BuiltBinding = Pick<TensorflowBinding, 'addon' | 'libraries'>;

/** Loads the binding and trains one step on it. Throws FEDX_ENGINE_UNAVAILABLE and what else the engine throws. */
export async function checkBinding(built: BuiltBinding): Promise<TensorflowDescription> {
  const binding: TensorflowBinding = { ...built, source: SETUP_COMMAND };
  const description = await probeBinding(binding);
  await tryEngine((options) => createTensorflowEngine({ ...options, binding, xla: xlaOf(description) }));
  return description;
}

/** Makes a binding in {@link bindingsFolder} the one that engines find. */
export async function adoptBinding(
  { addon, libraries }: BuiltBinding,
  writeFile: (path: string, content: string) => Promise<void>,
): Promise<void> {
  const folder = bindingsFolder();
  const current: CurrentBinding = {
    addon: relative(folder, addon),
    libraries: libraries.map((path) => relative(folder, path)),
  };
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'current.json'), JSON.stringify(current, null, 2));
}
