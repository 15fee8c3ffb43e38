import { copyFile, cp, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { PluginListing, RunReport } from '@fedx/core/host';
import semver from 'semver';
import { parseConfigFileTextToJson } from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Consumer, createConsumer, repository } from './consumer.js';

const packages = [
  ...['cli', 'compiler', 'core', 'datasets', 'models', 'partitioners', 'strategies'].map((name) => `@fedx/${name}`),
  'mlflow-js-client',
];
const kinds = [
  'attack',
  'dataset',
  'metric',
  'model',
  'optimizer',
  'partitioner',
  'sampler',
  'schedule',
  'sink',
  'strategy',
  'transform',
];

let consumer: Consumer;
let app: string;

beforeAll(async () => {
  consumer = await createConsumer();
  app = consumer.folder;
  await cp(join(repository, 'examples'), app, { recursive: true });
  await copyFile(join(repository, 'experiments/noniid-mnist.yaml'), join(app, 'noniid-mnist.yaml'));
});

afterAll(() => consumer.remove());

async function run(spec: string, changes: readonly string[] = [], cwd = app): Promise<RunReport> {
  return JSON.parse(await consumer.fedx(['run', spec, ...changes, '--json'], cwd)) as RunReport;
}

/** The compiler's options of a plugin that is as strict as our own code. */
const strict = {
  target: 'ES2023',
  lib: ['ES2023'],
  types: ['node'],
  module: 'NodeNext',
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
};

describe('the packages, installed from their tarballs outside the repository', () => {
  it('carry what they export and no tests of ours', async () => {
    expect(consumer.tarballs).toHaveLength(packages.length);
    for (const name of packages) {
      const files = await readdir(join(app, 'node_modules', name), { recursive: true });
      expect(files).toContain(join('dist', 'index.js'));
      expect(files).toContain(join('dist', 'index.d.ts'));
      const tests = files.filter((file) => /\.test\.|tsbuildinfo$/.test(file) && !file.startsWith('templates'));
      expect(tests).toEqual([]);
    }
  });

  it('carry the schema that a spec names for editors', async () => {
    const schema = join(app, 'node_modules/@fedx/cli/schema/experiment.schema.json');
    expect(await readFile(schema, 'utf8')).toBe(
      await readFile(join(repository, 'schema/experiment.schema.json'), 'utf8'),
    );
    // Completion reads it.
    const offered = await consumer.fedx(['complete', '--', 'run', 'noniid-mnist.yaml', 'server.r'], app);
    expect(offered).toMatch(/^server\.rounds=\t/);
  });

  it('run a copied spec with the plugin file beside it', async () => {
    const report = await run('noniid-mnist.yaml', [
      'plugins=[./server-momentum.ts]',
      'strategy={use: server-momentum, momentum: 0.5}',
      'server.rounds=2',
      'controls=[]',
      'expect=[]',
    ]);
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
    const args = ['fedx', 'validate', 'noniid-mnist.yaml', ...changes, '--json'];
    const { exitCode, stdout } = await consumer.run('npx', args);
    expect(exitCode).toBe(2);
    expect(JSON.parse(stdout)).toBeTypeOf('object');
    expect(stdout).toContain('momentun');
    expect(stdout).toContain('momentum');
  });

  it('run every example, each with its own plugin', async () => {
    const specs = (await readdir(app)).filter((name) => name.endsWith('.yaml') && name !== 'noniid-mnist.yaml');
    expect(specs.length).toBeGreaterThanOrEqual(4);
    for (const spec of specs) {
      const { runs } = await run(spec, ['server.rounds=2', 'controls=[]']);
      expect(runs).toMatchObject([{ status: 'completed', steps: 2 }]);
      const plugin = spec.replace('.yaml', '');
      const listed = JSON.parse(await consumer.fedx(['plugins', 'show', plugin, spec, '--json'])) as unknown;
      expect(listed).toMatchObject({ plugins: [{ name: plugin, origin: `./${plugin}.ts` }] });
    }
  });

  it('type the examples strictly, and options, state and hyper-parameters as an editor shows them', async () => {
    await copyFile(join(repository, 'tests/types/options.ts'), join(app, 'options.ts'));
    // One line that must not pass, so that a check that sees nothing is noticed.
    await writeFile(
      join(app, 'wrong.ts'),
      `import plugin from './server-momentum.js';\nexport const kind: 'model' = plugin.kind;\n`,
    );
    await writeFile(join(app, 'tsconfig.json'), JSON.stringify({ compilerOptions: strict, include: ['*.ts'] }));
    expect(await consumer.typeErrors()).toEqual([expect.stringMatching(/^wrong\.ts\(2,14\): error TS2322/)]);
  });
});

describe('fedx new', () => {
  it.each(kinds)(
    'writes a package for the kind %s that compiles, passes its test and runs its example',
    async (kind) => {
      const name = `my-${kind}`;
      await consumer.fedx(['new', kind, name]);
      const folder = join(app, name);
      const tested = await consumer.run('npm', ['test'], folder);
      expect(tested, tested.stdout + tested.stderr).toMatchObject({ exitCode: 0 });
      expect(tested.stdout).toMatch(/pass [1-9]\d*\n/);
      expect(tested.stdout).toMatch(/fail 0\n/);
      const { runs } = await run('example.yaml', ['server.rounds=1'], folder);
      expect(runs).toMatchObject([{ name, status: 'completed' }]);
    },
  );

  it('asks for versions of fedx that this one is', async () => {
    const manifest = JSON.parse(await readFile(join(app, 'my-strategy/package.json'), 'utf8')) as Manifest;
    for (const [name, range] of [
      ...Object.entries(manifest.peerDependencies),
      ...Object.entries(manifest.devDependencies),
    ]) {
      const installed = await readFile(join(app, 'node_modules', name, 'package.json'), 'utf8');
      const { version } = JSON.parse(installed) as { readonly version: string };
      expect(semver.satisfies(version, range), `${name} ${version} is not ${range}`).toBe(true);
    }
  });

  it('writes a package that can be packed, installed, and chosen by its name', async () => {
    const packed = await consumer.run('npm', ['pack', '--silent'], join(app, 'my-strategy'));
    expect(packed, packed.stderr).toMatchObject({ exitCode: 0 });
    const tarball = packed.stdout.trim().split('\n').at(-1) ?? '';
    const user = join(app, 'user');
    await mkdir(join(user, 'node_modules'), { recursive: true });
    // As npm would put it there; a real install would fetch the peer from the registry again.
    const unpacked = join(user, 'node_modules/my-strategy');
    await mkdir(unpacked);
    const tar = ['-xzf', join(app, 'my-strategy', tarball), '-C', unpacked, '--strip-components=1'];
    expect(await consumer.run('tar', tar)).toMatchObject({ exitCode: 0 });
    const spec = await readFile(join(app, 'my-strategy/example.yaml'), 'utf8');
    await writeFile(join(user, 'spec.yaml'), spec.replace('./src/my-strategy.ts', 'my-strategy'));
    const { plugins } = JSON.parse(await consumer.fedx(['plugins', 'spec.yaml', '--json'], user)) as {
      readonly plugins: readonly PluginListing[];
    };
    const own = { kind: 'strategy', name: 'my-strategy', origin: 'my-strategy', version: '0.1.0' };
    expect(plugins).toContainEqual(expect.objectContaining(own));
    expect((await run('spec.yaml', ['server.rounds=1'], user)).runs).toMatchObject([{ status: 'completed' }]);
  });
});

describe('fedx init', () => {
  it('writes a project that compiles and runs', async () => {
    await consumer.fedx(['init', 'my-study']);
    const folder = join(app, 'my-study');
    const compiled = await consumer.run('npm', ['run', 'typecheck'], folder);
    expect(compiled, compiled.stdout).toMatchObject({ exitCode: 0 });
    const { runs } = await run('experiment.yaml', ['server.rounds=1'], folder);
    expect(runs).toMatchObject([
      { name: 'my-study', arm: 'federated', status: 'completed' },
      { arm: 'iid', status: 'completed' },
    ]);
  });
});

describe('docs/plugins.md', () => {
  it('has files that compile together, tests that pass and a spec that runs', async () => {
    await consumer.fedx(['new', 'strategy', 'proximal', '--directory', 'docs']);
    const folder = join(app, 'docs');
    const page = await readFile(join(repository, 'docs/plugins.md'), 'utf8');
    const blocks = [...page.matchAll(/^```(?:ts|yaml)\n(?:\/\/|#) (\S+\.(?:ts|yaml))\n([^]*?)^```$/gm)];
    for (const [, name = '', text = ''] of blocks) await writeFile(join(folder, 'src', name), text);
    const names = blocks.map(([, name = '']) => name);
    expect(names.filter((name) => name.endsWith('.test.ts'))).toHaveLength(kinds.length);

    const compiled = await consumer.run('npx', ['tsc'], folder);
    expect(compiled, compiled.stdout).toMatchObject({ exitCode: 0 });
    const tests = names
      .filter((name) => name.endsWith('.test.ts'))
      .map((name) => join('dist', name.replace('.ts', '.js')));
    const tested = await consumer.run(process.execPath, ['--test', ...tests], folder);
    expect(tested, tested.stdout).toMatchObject({ exitCode: 0 });
    expect(tested.stdout).toMatch(/fail 0\n/);

    const { runs } = await run('all-plugins.yaml', [], join(folder, 'src'));
    expect(runs.map(({ arm, status }) => [arm, status])).toEqual([
      ['federated', 'completed'],
      ['iid', 'completed'],
      ['centralized', 'completed'],
      ['local-only', 'completed'],
    ]);
  });
});

describe('all that fedx new and fedx init wrote', () => {
  it('also compiles with declarations checked (skipLibCheck: false)', async () => {
    const text = await readFile(join(app, 'my-model/tsconfig.json'), 'utf8');
    const { config } = parseConfigFileTextToJson('tsconfig.json', text) as {
      readonly config: { readonly compilerOptions: object };
    };
    const include = ['my-*/src', 'my-study/plugins', 'docs/src'];
    const options = { ...config.compilerOptions, rootDir: '.' };
    await writeFile(join(app, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, include }));
    expect(await consumer.typeErrors()).toEqual([]);
  });
});

interface Manifest {
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}
