import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const packages = readdirSync(join(repository, 'packages')).map((name) => join('packages', name));

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

function read(path: string): string {
  return readFileSync(join(repository, path), 'utf8');
}

function manifest(folder: string): Manifest {
  return JSON.parse(read(join(folder, 'package.json'))) as Manifest;
}

/** All dependencies that are not ours: their names, each once, and their versions. */
function foreignDependencies(): { names: string[]; versions: string[] } {
  const entries = ['.', ...packages]
    .map(manifest)
    .flatMap(({ dependencies = {}, devDependencies = {} }) => [
      ...Object.entries(dependencies),
      ...Object.entries(devDependencies),
    ])
    .filter(([name]) => !name.startsWith('@fedx/') && name !== 'mlflow-js-client');
  return { names: [...new Set(entries.map(([name]) => name))].sort(), versions: entries.map(([, version]) => version) };
}

/** TypeScript files of the packages, as paths from the repository's root. */
function sources(): string[] {
  return packages
    .flatMap((folder) =>
      readdirSync(join(repository, folder, 'src'), { recursive: true, encoding: 'utf8' }).map((path) =>
        join(folder, 'src', path),
      ),
    )
    .filter((path) => path.endsWith('.ts'));
}

describe('the house', () => {
  it('says in docs/dependencies.md why it has each dependency, and lists none that it has not', () => {
    const listed = [...read('docs/dependencies.md').matchAll(/^\| `([^`]+)`/gm)].map(([, name]) => name);
    expect(listed.sort()).toEqual(foreignDependencies().names);
  });

  it('pins every dependency to one version', () => {
    expect(foreignDependencies().versions.filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });

  it('names files in kebab-case for what is inside', () => {
    const names = sources()
      .map((path) => basename(path))
      .filter((name) => !name.endsWith('_pb.ts'));
    expect(names.length).toBeGreaterThan(50);
    expect(names.filter((name) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.(test|bench))?\.ts$/.test(name))).toEqual([]);
    expect(names.filter((name) => /^(utils?|helpers?|common|base|types|misc)\./.test(name))).toEqual([]);
  });

  it('ships a command that is executable as it is checked out', () => {
    const help = execFileSync(join(repository, 'packages/cli/bin/fedx.js'), ['--help'], { encoding: 'utf8' });
    expect(help).toContain('Run an experiment');
  });
});
