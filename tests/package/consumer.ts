import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'vitest';

export const repository = fileURLToPath(new URL('../..', import.meta.url));

/** A stranger's install: no settings of this repository, and no install script that downloads. */
const environment: NodeJS.ProcessEnv = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(npm_(package|lifecycle)_|FEDX_|NODE_ENV$|VITEST|NODE_TEST)/.test(name),
    ),
  ),
  ONNXRUNTIME_NODE_INSTALL: 'skip',
  npm_config_local_prefix: undefined,
};

export interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder outside the repository in which the packages are installed from their tarballs. */
export interface Consumer {
  readonly folder: string;
  /** Names of the tarballs. */
  readonly tarballs: readonly string[];
  /** Runs a program, in the folder unless another is given; an exit code other than 0 is an outcome too. */
  run(program: string, args: readonly string[], cwd?: string): Promise<Outcome>;
  /** Runs the installed command and expects it to succeed; its stdout. */
  fedx(args: readonly string[], cwd?: string): Promise<string>;
  /** What the compiler has against the folder's project under skipLibCheck: false, but for tfjs's own declarations. */
  typeErrors(): Promise<readonly string[]>;
  remove(): Promise<void>;
}

/** Packs every package, and installs them with the compiler and Node's types, as a plugin's author has them. */
export async function createConsumer(): Promise<Consumer> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'fedx-pack-')));
  const folder = join(root, 'app');
  await mkdir(folder);

  async function run(program: string, args: readonly string[], cwd = folder): Promise<Outcome> {
    try {
      const options = { cwd, env: environment, maxBuffer: 2 ** 26 };
      const { stdout, stderr } = await promisify(execFile)(program, args, options);
      return { exitCode: 0, stdout, stderr };
    } catch (error) {
      const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
      return { exitCode: code, stdout, stderr };
    }
  }

  const packed = await run('npm', ['pack', '--workspaces', '--pack-destination', root], repository);
  expect(packed, packed.stderr).toMatchObject({ exitCode: 0 });
  const tarballs = (await readdir(root)).filter((name) => name.endsWith('.tgz'));

  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  const flags = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'];
  const compiler = ['typescript@6.0.3', '@types/node@20.19.43'];
  const installed = await run('npm', ['install', ...flags, ...tarballs.map((name) => join(root, name)), ...compiler]);
  expect(installed, installed.stderr).toMatchObject({ exitCode: 0 });

  return {
    folder,
    tarballs,
    run,
    fedx: async (args, cwd) => {
      const { exitCode, stdout, stderr } = await run(join(folder, 'node_modules/.bin/fedx'), args, cwd);
      expect(exitCode, stderr + stdout).toBe(0);
      return stdout;
    },
    typeErrors: async () => {
      const { stdout } = await run('npx', ['tsc', '--noEmit', '--skipLibCheck', 'false', '--pretty', 'false']);
      // The declarations of tfjs 4.22 have errors of their own under skipLibCheck: false. Everything else must be clean.
      const problems = stdout.split('\n').filter((line) => line.includes(' error TS') || line.startsWith('error TS'));
      return problems.filter((line) => !/^node_modules\/(@tensorflow|@webgpu)\//.test(line));
    },
    remove: () => rm(root, { recursive: true, force: true }),
  };
}
