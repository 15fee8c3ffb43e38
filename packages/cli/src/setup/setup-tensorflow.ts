/**
 * Builds the native addon of tfjs-node against a current TensorFlow: the wheel that pip brings has the C library and its
 * headers. The addon uses Node-API alone, whose headers are a package of their own, so that one build serves every Node.
 */
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { FedxError } from '@fedx/core';
import { type BuiltBinding, openEngineSetup } from '@fedx/core/host';
import { withLock } from './lock.js';
import { assertPlatform, noCompiler, noNpm, noPython, noTar, noVenv } from './prerequisites.js';
import { exists, once, runProgram, type SetupContext } from './step.js';

/** The TensorFlow that is taken unless another is asked for: the one that fedx is tested with. */
export const TENSORFLOW_VERSION = '2.21.0';

const ADDON = 'tfjs_binding.node';
const sources = { '@tensorflow/tfjs-node': '4.22.0', 'node-api-headers': '1.9.0' } as const;

export interface TensorflowSetup {
  /** `major.minor.patch`. */
  readonly version: string;
  /** Whether to take the wheel that runs on NVIDIA GPUs. */
  readonly cuda: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: (line: string) => void;
}

/** What a setup left. */
export interface TensorflowReport {
  readonly version: string;
  readonly devices: readonly string[];
  readonly folder: string;
}

/**
 * Sets TensorFlow up in the user's cache and makes it the one that the engine finds. Goes on where an earlier setup of
 * the same version ended; nothing is found before one training step on it gave the right result. Throws
 * FEDX_SETUP_PREREQUISITE, FEDX_SETUP_FAILED, FEDX_ENGINE_UNAVAILABLE (it was built and does not work) and
 * FEDX_RUN_INTERRUPTED.
 */
export async function setupTensorflow({
  version,
  cuda,
  signal,
  onProgress,
}: TensorflowSetup): Promise<TensorflowReport> {
  assertPlatform(process.platform);
  const { adoptBinding, bindingsFolder, checkBinding } = await openEngineSetup();
  const bindings = bindingsFolder();
  const folder = join(bindings, `${version}-${cuda ? 'cuda' : 'cpu'}`);
  await mkdir(bindings, { recursive: true });
  return withLock(`${folder}.lock`, async () => {
    if (!(await exists(folder))) {
      const partial = `${folder}.partial`;
      await mkdir(partial, { recursive: true });
      await build({ folder: partial, signal, onProgress }, version, cuda);
      await rename(partial, folder);
    }
    onProgress('Training step …');
    const binding = await bindingIn(folder);
    const description = await checkBinding(binding);
    await adoptBinding(binding, async (path, content) => {
      await writeFile(`${path}.new`, content);
      await rename(`${path}.new`, path);
    });
    return { ...description, folder };
  });
}

async function build(context: SetupContext, version: string, cuda: boolean): Promise<void> {
  const { folder } = context;
  const python = join(folder, 'venv', 'bin', 'python');
  await once(context, 'Python environment', async () => {
    await runProgram(context, 'Python', ['python3', '--version'], noPython);
    await runProgram(context, 'Python modules', ['python3', '-c', 'import ensurepip, venv'], noPython).catch(
      (error: unknown) => {
        throw context.signal.aborted ? error : noVenv;
      },
    );
    await runProgram(
      context,
      'Python environment',
      ['python3', '-m', 'venv', '--clear', join(folder, 'venv')],
      noPython,
    );
  });
  const wheel = `TensorFlow ${version}${cuda ? ' with CUDA' : ''}`;
  await once(context, wheel, async () => {
    const pip = [python, '-m', 'pip', 'install', '--no-input', '--no-compile', '--progress-bar', 'off'] as const;
    await runProgram(context, wheel, [...pip, ...requirement(version, cuda)], noPython);
  });
  await once(context, 'Sources of the binding', async () => {
    for (const [name, pinned] of Object.entries(sources)) await unpack(context, name, pinned);
  });
  await once(context, 'Binding', async () => {
    await compile(context);
    const { checkBinding } = await openEngineSetup();
    await checkBinding(await bindingIn(folder));
  });
}

/** The C library needs none of the Python packages that its wheel asks for; CUDA's libraries are some of them. */
function requirement(version: string, cuda: boolean): readonly string[] {
  if (cuda) return [`tensorflow[and-cuda]==${version}`];
  return ['--no-deps', `${process.arch === 'x64' ? 'tensorflow-cpu' : 'tensorflow'}==${version}`];
}

/** Unpacks a package of npm to `sources/<name>`; none of its scripts run. */
async function unpack(context: SetupContext, name: string, version: string): Promise<void> {
  const target = join(context.folder, 'sources', name);
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  const pack = ['npm', 'pack', '--ignore-scripts', '--json', '--pack-destination', target] as const;
  const printed = await runProgram(context, `npm pack ${name}`, [...pack, `${name}@${version}`], noNpm);
  const [packed] = JSON.parse(printed) as readonly { readonly filename: string }[];
  const archive = join(target, packed?.filename ?? '');
  await runProgram(context, `tar ${name}`, ['tar', '-xzf', archive, '-C', target, '--strip-components=1'], noTar);
}

async function compile(context: SetupContext): Promise<void> {
  const { folder } = context;
  const library = await libraryFolder(folder);
  const [addon, headers] = ['@tensorflow/tfjs-node', 'node-api-headers'].map((name) =>
    join(folder, 'sources', name),
  ) as [string, string];
  const code = join(addon, 'binding');
  const units = (await readdir(code)).filter((name) => name.endsWith('.cc')).map((name) => join(code, name));
  await runProgram(
    context,
    'Binding',
    [
      process.env['CXX'] ?? 'c++',
      ...['-std=c++17', '-O2', '-fPIC', '-shared', '-DNAPI_VERSION=8'],
      ...[join(headers, 'include'), join(library, 'include'), addon].map((path) => `-I${path}`),
      ...units,
      ...['-o', join(folder, ADDON)],
      ...[`-L${library}`, '-l:libtensorflow_cc.so.2', '-l:libtensorflow_framework.so.2'],
      // From the addon to the library, so that the folder can be moved.
      `-Wl,-rpath,$ORIGIN/${relative(folder, library)}`,
    ],
    noCompiler,
  );
}

async function bindingIn(folder: string): Promise<BuiltBinding> {
  const nvidia = join(dirname(await libraryFolder(folder)), 'nvidia');
  const entries = (await exists(nvidia)) ? await readdir(nvidia, { withFileTypes: true }) : [];
  const libraries = entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(nvidia, name, 'lib'));
  return { addon: join(folder, ADDON), libraries: await existing(libraries) };
}

/** Those of `folders` that are there: `nvidia/__pycache__` and packages of headers have no `lib`. */
async function existing(folders: readonly string[]): Promise<readonly string[]> {
  const there = await Promise.all(folders.map(exists));
  return folders.filter((_, i) => there[i]);
}

/** Where the wheel lies: `venv/lib/python3.x/site-packages/tensorflow`. */
async function libraryFolder(folder: string): Promise<string> {
  const lib = join(folder, 'venv', 'lib');
  for (const python of await readdir(lib)) {
    const library = join(lib, python, 'site-packages', 'tensorflow');
    if (await exists(join(library, 'libtensorflow_cc.so.2'))) return library;
  }
  throw new FedxError('FEDX_SETUP_FAILED', 'This TensorFlow comes without its C library.', {
    place: { file: lib },
    hint: `Take another version: fedx setup tensorflow --version ${TENSORFLOW_VERSION}.`,
  });
}
