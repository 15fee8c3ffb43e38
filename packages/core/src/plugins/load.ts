import { stat } from 'node:fs/promises';
import { createRequire, isBuiltin } from 'node:module';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Jiti } from 'jiti';
import type { Plugin } from '../contracts/index.js';
import { type ErrorPlace, FedxError, type FedxErrorOptions } from '../errors/index.js';
import { fedxVersion } from '../version.js';
import type { LoadedPlugin } from './catalogue.js';
import { apiVersion } from './define.js';
import { exportsOf } from './module-exports.js';
import { nearestManifest } from './nearest-manifest.js';
import { noteOwnFolder, noteTransformed, placeInOwnCode } from './own-code.js';
import { isMarked, whyNoPlugin } from './plugin-shape.js';

/** A plugin as a spec names it: a file relative to the spec's folder (`./my-strategy.ts`), or a package. */
export interface PluginReference {
  readonly specifier: string;
  /** Where the spec names it. */
  readonly place?: ErrorPlace;
}

/**
 * Loads the plugins that a spec names, in order; TypeScript needs no build. Runs their code.
 * `directory` is the spec's folder: files and packages are looked up from there. A module's plugins are its default
 * export, one or a list of them, and what else it exports that a define… helper made.
 * Throws FEDX_PLUGIN_NOT_FOUND, FEDX_PLUGIN_VERSION where a plugin was made for another fedx, FEDX_PLUGIN_FAILED where a
 * module throws (with the cause), and FEDX_PLUGIN_INVALID where it exports something else.
 */
export async function loadPlugins(
  references: readonly PluginReference[],
  directory: string,
): Promise<readonly LoadedPlugin[]> {
  if (references.length === 0) return [];
  const { jiti, read } = await createLoader(directory);
  const loaded: LoadedPlugin[] = [];
  for (const reference of references) loaded.push(...(await loadOne(jiti, reference, directory)));
  // Which of them imports what no plugin is in itself is not known of a file that was read before: it counts for all.
  const own = new Set(loaded.flatMap(({ files = [] }) => files));
  const imported = read.filter((file) => !own.has(file));
  return loaded.map((plugin) => ({ ...plugin, files: [...(plugin.files ?? []), ...imported] }));
}

/**
 * A module loader for the spec's folder. Plugins that import `@fedx/core` or tfjs get the copies that run here,
 * also from a folder that has none or others: two copies of tfjs do not know each other's tensors. `read` are the files that it has
 * come upon, but those of packages.
 */
async function createLoader(directory: string): Promise<{ readonly jiti: Jiti; readonly read: readonly string[] }> {
  const [{ createJiti }, core] = await Promise.all([import('jiti'), import('../index.js')]);
  const specFile = join(resolve(directory), 'spec.yaml');
  const { transform } = createJiti(specFile, { fsCache: false, sourceMaps: true });
  const read: string[] = [];
  const jiti = createJiti(specFile, {
    transform(options) {
      const code = transform(options);
      if (options.filename !== undefined) {
        noteTransformed(options.filename, code);
        if (!options.filename.includes('/node_modules/')) read.push(options.filename);
      }
      return { code };
    },
    // Its cache lies in a folder for temporary files that others may write to; a plugin is small.
    fsCache: false,
    interopDefault: false,
    virtualModules: { '@fedx/core': core },
    // A path and not the module, so that a plugin that only takes types never loads it.
    alias: { '@tensorflow/tfjs': createRequire(import.meta.url).resolve('@tensorflow/tfjs') },
    // Its bundles are large: Node reads them as they are in a tenth of the time.
    nativeModules: ['@tensorflow/tfjs'],
  });
  return { jiti, read };
}

async function loadOne(jiti: Jiti, reference: PluginReference, directory: string): Promise<readonly LoadedPlugin[]> {
  const { specifier } = reference;
  const file = await locate(jiti, reference, directory);
  const { folder, version, fedxRange } = await nearestManifest(file);
  await checkFedxRange(fedxRange, reference);
  const isPackage = !isFile(specifier) && version !== undefined;
  noteOwnFolder(isPackage ? folder : dirname(file));
  let module: unknown;
  try {
    module = await jiti.import(file);
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    const place = { ...reference.place, ...placeInOwnCode(cause) };
    throw failure(
      'FEDX_PLUGIN_FAILED',
      `The plugin ${specifier} threw while it was loaded: ${detail}`,
      { specifier, place },
      { cause },
    );
  }
  return exportsOf(module).map(({ which, value }) => {
    checkApiVersion(value, reference);
    const why = whyNoPlugin(value);
    if (why === undefined)
      return { plugin: value as Plugin, origin: specifier, files: [file], ...(isPackage && { version }) };
    throw failure(
      'FEDX_PLUGIN_INVALID',
      `The plugin ${specifier} is not one that fedx can use: ${which} ${why}.`,
      reference,
    );
  });
}

/** Whether a specifier names a file, and not a package. */
function isFile(specifier: string): boolean {
  return /^\.\.?\//.test(specifier) || isAbsolute(specifier);
}

/** Throws FEDX_PLUGIN_VERSION where the plugin's package asks for another fedx than this one. */
async function checkFedxRange(range: string | undefined, reference: PluginReference): Promise<void> {
  if (range === undefined) return;
  const [{ default: semver }, version] = await Promise.all([import('semver'), fedxVersion()]);
  if (semver.satisfies(version, range, { includePrerelease: true })) return;
  const message = `The plugin ${reference.specifier} was made for @fedx/core ${range}; this is ${version}.`;
  throw failure('FEDX_PLUGIN_VERSION', message, reference);
}

/** Throws FEDX_PLUGIN_VERSION where the plugin was made for other contracts than these. */
function checkApiVersion(plugin: unknown, reference: PluginReference): void {
  if (!isMarked(plugin) || plugin.apiVersion === apiVersion) return;
  const message = `The plugin ${reference.specifier} was made for version ${String(plugin.apiVersion)} of the plugin contracts; this fedx has version ${apiVersion}.`;
  throw failure('FEDX_PLUGIN_VERSION', message, reference);
}

/** The file behind a reference. */
async function locate(jiti: Jiti, reference: PluginReference, directory: string): Promise<string> {
  const { specifier } = reference;
  if (isFile(specifier)) {
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
  code: 'FEDX_PLUGIN_NOT_FOUND' | 'FEDX_PLUGIN_FAILED' | 'FEDX_PLUGIN_INVALID' | 'FEDX_PLUGIN_VERSION',
  message: string,
  reference: PluginReference,
  options: FedxErrorOptions = {},
): FedxError {
  return new FedxError(code, message, { ...options, place: { ...reference.place, plugin: reference.specifier } });
}
