import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { RunReport } from '@fedx/core/host';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const packages = [
  ...['cli', 'compiler', 'core', 'datasets', 'models', 'partitioners', 'strategies'].map((name) => `@fedx/${name}`),
  'mlflow-js-client',
];

/** A stranger's install: no settings of this repository, and no install script that downloads. */
const environment: NodeJS.ProcessEnv = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_(package|lifecycle)_|FEDX_)/.test(name)),
  ),
  ONNXRUNTIME_NODE_INSTALL: 'skip',
  npm_config_local_prefix: undefined,
};

interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

let root: string;
let app: string;

/** Runs a program in the consumer's folder; an exit code other than 0 is an outcome too. */
async function run(program: string, args: readonly string[], cwd = app): Promise<Outcome> {
  try {
    const { stdout, stderr } = await promisify(execFile)(program, args, { cwd, env: environment, maxBuffer: 2 ** 26 });
    return { exitCode: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { exitCode: code, stdout, stderr };
  }
}

beforeAll(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'fedx-pack-')));
  app = join(root, 'app');
  await mkdir(app);
  const packed = await run('npm', ['pack', '--workspaces', '--pack-destination', root], repository);
  expect(packed, packed.stderr).toMatchObject({ exitCode: 0 });
  const tarballs = (await readdir(root)).filter((name) => name.endsWith('.tgz')).map((name) => join(root, name));
  expect(tarballs).toHaveLength(packages.length);

  await writeFile(join(app, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  const flags = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'];
  const installed = await run('npm', ['install', ...flags, ...tarballs]);
  expect(installed, installed.stderr).toMatchObject({ exitCode: 0 });
  await copyFile(join(repository, 'examples/server-momentum.ts'), join(app, 'server-momentum.ts'));
  await copyFile(join(repository, 'experiments/noniid-mnist.yaml'), join(app, 'noniid-mnist.yaml'));
});

afterAll(async () => {
  await rm(root, { recursive: true, force: true });
});

describe('the packages, installed from their tarballs outside the repository', () => {
  it('carry what they export and no tests', async () => {
    for (const name of packages) {
      const files = await readdir(join(app, 'node_modules', name), { recursive: true });
      expect(files).toContain(join('dist', 'index.js'));
      expect(files).toContain(join('dist', 'index.d.ts'));
      expect(files.filter((file) => /\.test\.|tsbuildinfo$/.test(file))).toEqual([]);
    }
  });

  it('run a copied spec with the plugin file beside it', async () => {
    const changes = [
      'plugins=[./server-momentum.ts]',
      'strategy={use: server-momentum, momentum: 0.5}',
      'server.rounds=2',
      'controls=[]',
      'expect=[]',
    ];
    const { exitCode, stdout, stderr } = await run('npx', ['fedx', 'run', 'noniid-mnist.yaml', ...changes, '--json']);
    expect(exitCode, stderr + stdout).toBe(0);

    const report = JSON.parse(stdout) as RunReport;
    expect(report).toMatchObject({
      runs: [{ name: 'noniid-mnist', arm: 'federated', status: 'completed', steps: 2 }],
      expectations: [],
    });
    const [federated] = report.runs;
    expect(federated?.metrics['test/accuracy']?.last).toBeGreaterThan(0);
    expect((await stat(resolve(app, federated?.model ?? ''))).size).toBeGreaterThan(1000);
  });

  it('name the plugin’s own options when one of them is misspelt', async () => {
    const changes = ['plugins=[./server-momentum.ts]', 'strategy={use: server-momentum, momentun: 0.5}'];
    const { exitCode, stdout } = await run('npx', ['fedx', 'validate', 'noniid-mnist.yaml', ...changes, '--json']);
    expect(exitCode).toBe(2);
    expect(JSON.parse(stdout)).toBeTypeOf('object');
    expect(stdout).toContain('momentun');
    expect(stdout).toContain('momentum');
  });

  it('type a plugin strictly, declarations included', async () => {
    await writeFile(
      join(app, 'consumer.ts'),
      `import { defineStrategy, parameters as p, type Parameters } from '@fedx/core';
      import plugin from './server-momentum.js';

      export const name: string = plugin.name;
      export const kind: 'strategy' = plugin.kind;

      export const half = defineStrategy({
        name: 'half',
        options: { type: 'object', additionalProperties: false, properties: { share: { type: 'number', default: 0.5 } } },
        create: ({ share }) => ({
          aggregate: ({ global, updates }) => {
            // @ts-expect-error: a number has no length; nothing here has silently become any
            const length: number = share.length;
            // @ts-expect-error: the mean update is parameters
            const mean: number = updates.mean();
            const delta: Parameters = updates.mean();
            return { global: length > mean ? global : p.add(global, p.scale(delta, share)) };
          },
        }),
      });\n`,
    );
    await writeFile(
      join(app, 'tsconfig.json'),
      JSON.stringify({
        compilerOptions: {
          target: 'ES2023',
          lib: ['ES2023'],
          types: ['node'],
          typeRoots: [join(repository, 'node_modules/@types')],
          module: 'NodeNext',
          strict: true,
          exactOptionalPropertyTypes: true,
          noUncheckedIndexedAccess: true,
          skipLibCheck: false,
          noEmit: true,
        },
        files: ['consumer.ts'],
      }),
    );
    const compiler = join(repository, 'node_modules/typescript/bin/tsc');
    const { stdout } = await run(process.execPath, [compiler, '-p', '.', '--pretty', 'false']);
    // The declarations of tfjs 4.22 have errors of their own under skipLibCheck: false. Everything else must be clean.
    const problems = stdout.split('\n').filter((line) => line.includes(' error TS') || line.startsWith('error TS'));
    expect(problems.filter((line) => !/^node_modules\/(@tensorflow|@webgpu)\//.test(line))).toEqual([]);
  });
});
