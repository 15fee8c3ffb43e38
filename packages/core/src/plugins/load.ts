import { stat } from 'node:fs/promises';
import { createRequire, isBuiltin } from 'node:module';
import { isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Jiti } from 'jiti';
import type { Plugin } from '../contracts/index.js';
import { type ErrorPlace, FedxError, type FedxErrorOptions } from '../errors/index.js';
import type { LoadedPlugin } from './catalogue.js';
import { whyNoPlugin } from './plugin-shape.js';

/** A plugin as a spec names it: a file relative to the spec's folder (`./my-strategy.ts`), or a package. */
export interface PluginReference {
  readonly specifier: string;
  /** Where the spec names it. */
  readonly place?: ErrorPlace;
}

/**
 * Loads the plugins that a spec names, in order; TypeScript needs no build. Runs their code.
 * `directory` is the spec's folder: files and packages are looked up from there. A default export may be one plugin or
 * a list of them.
 * Throws FEDX_PLUGIN_NOT_FOUND, FEDX_PLUGIN_FAILED where a module throws (with the cause), and FEDX_PLUGIN_INVALID
 * where it exports something else.
 */
export async function loadPlugins(
  references: readonly PluginReference[],
  directory: string,
): Promise<readonly LoadedPlugin[]> {
  if (references.length === 0) return [];
  const jiti = await createLoader(directory);
  const loaded: LoadedPlugin[] = [];
  for (const reference of references) loaded.push(...(await loadOne(jiti, reference, directory)));
  return loaded;
}

/**
 * A module loader for the spec's folder. Plugins that import `@fedx/core` or tfjs get the copies that run here,
 * also from a folder that has none or others: two copies of tfjs do not know each other's tensors.
 */
async function createLoader(directory: string): Promise<Jiti> {
  const [{ createJiti }, core] = await Promise.all([import('jiti'), import('../index.js')]);
  return createJiti(join(resolve(directory), 'spec.yaml'), {
    // Its cache lies in a folder for temporary files that others may write to; a plugin is small.
    fsCache: false,
    interopDefault: false,
    virtualModules: { '@fedx/core': core },
    // A path and not the module, so that a plugin that only takes types never loads it.
    alias: { '@tensorflow/tfjs': createRequire(import.meta.url).resolve('@tensorflow/tfjs') },
  });
}

async function loadOne(jiti: Jiti, reference: PluginReference, directory: string): Promise<readonly LoadedPlugin[]> {
  const { specifier } = reference;
  const file = await locate(jiti, reference, directory);
  let module: unknown;
  try {
    module = await jiti.import(file);
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw failure('FEDX_PLUGIN_FAILED', `The plugin ${specifier} threw while it was loaded: ${detail}`, reference, {
      cause,
    });
  }
  const exported: unknown =
    typeof module === 'object' && module !== null && 'default' in module ? module.default : undefined;
  const candidates: readonly unknown[] = Array.isArray(exported) ? exported : [exported];
  return candidates.map((plugin, index) => {
    const why = whyNoPlugin(plugin);
    if (why === undefined) return { plugin: plugin as Plugin, origin: specifier, file };
    const which = Array.isArray(exported) ? `entry ${index} of the default export` : 'the default export';
    throw failure(
      'FEDX_PLUGIN_INVALID',
      `The plugin ${specifier} is not one that fedx can use: ${which} ${why}.`,
      reference,
    );
  });
}

/** The file behind a reference. */
async function locate(jiti: Jiti, reference: PluginReference, directory: string): Promise<string> {
  const { specifier } = reference;
  if (/^\.\.?\//.test(specifier) || isAbsolute(specifier)) {
    const file = resolve(directory, specifier);
    const found = await stat(file).catch(() => undefined);
    if (found === undefined)
      throw failure('FEDX_PLUGIN_NOT_FOUND', `There is no plugin file ${specifier} beside the spec.`, reference);
    // By its name alone: what is not JavaScript or TypeScript is not run to find out.
    if (found.isFile() && /\.[cm]?[jt]s$/.test(file)) return file;
    const entry = found.isDirectory() ? jiti.esmResolve(file, { try: true }) : undefined;
    if (entry !== undefined) return fileURLToPath(entry);
    const hint = 'A plugin is a .ts, .mts, .cts, .js, .mjs or .cjs file, or the folder of a package.';
    throw failure('FEDX_PLUGIN_NOT_FOUND', `${specifier} is no plugin file.`, reference, { hint });
  }
  const found = isBuiltin(specifier) ? undefined : jiti.esmResolve(specifier, { try: true });
  if (found !== undefined) return fileURLToPath(found);
  const looksLikeFile = /\.[cm]?[jt]s$/.test(specifier);
  throw failure(
    'FEDX_PLUGIN_NOT_FOUND',
    `There is no plugin package ${specifier} to be found from the folder of the spec.`,
    reference,
    {
      hint: looksLikeFile ? `A file begins with ./, as in ./${specifier}.` : `Install it: npm install ${specifier}`,
    },
  );
}

function failure(
  code: 'FEDX_PLUGIN_NOT_FOUND' | 'FEDX_PLUGIN_FAILED' | 'FEDX_PLUGIN_INVALID',
  message: string,
  reference: PluginReference,
  options: FedxErrorOptions = {},
): FedxError {
  return new FedxError(code, message, { ...options, place: { ...reference.place, plugin: reference.specifier } });
}
