import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parseDocument } from 'yaml';

const repository = fileURLToPath(new URL('../../', import.meta.url));

/** Rounds of the specs in a scratch project: what a page says about them is not what is tested here. */
const ROUNDS = 2;

/** A copy of the repository as a reader of its pages has it, to run their commands in. */
export interface ScratchProject {
  readonly directory: string;
  readonly write: (name: string, text: string) => Promise<void>;
  /** Runs lines of shell as they stand in a page. */
  readonly run: (lines: string) => Promise<{ readonly exitCode: number; readonly output: string }>;
  readonly remove: () => Promise<void>;
}

/**
 * A reader has run `npm ci` and the build already, and so has whoever runs these tests; any other script that a page names
 * must be one of the repository's. `npx` would look for its program, which takes longer than the program itself.
 */
const prelude = `
npm() {
  case "$1" in
    ci | install | test) ;;
    run) node -e 'process.exit(Object.hasOwn(require("${repository}package.json").scripts, process.argv[1]) ? 0 : 1)' "$2" ;;
    *) command npm "$@" ;;
  esac
}
npx() { "$@"; }
`;

export async function openScratchProject(): Promise<ScratchProject> {
  const directory = await mkdtemp(join(tmpdir(), 'fedx-docs-'));
  for (const name of ['experiments', 'examples', 'schema', 'package.json']) {
    await cp(join(repository, name), join(directory, name), { recursive: true });
  }
  await symlink(join(repository, 'node_modules'), join(directory, 'node_modules'));
  for (const folder of ['experiments', 'examples']) await shortenSpecs(join(directory, folder));
  const { NO_COLOR: _, ...user } = process.env;
  const env = { ...user, PATH: `${join(repository, 'node_modules/.bin')}:${process.env.PATH ?? ''}` };
  return {
    directory,
    write: (name, text) => writeFile(join(directory, name), text),
    async run(lines) {
      try {
        const { stdout, stderr } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', prelude + lines], {
          cwd: directory,
          env,
          maxBuffer: 2 ** 26,
        });
        return { exitCode: 0, output: stdout + stderr };
      } catch (error) {
        const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
        return { exitCode: code, output: stdout + stderr };
      }
    },
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}

/** Few rounds, and nothing expected that only many can reach. */
async function shortenSpecs(folder: string): Promise<void> {
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.yaml'));
  for (const name of names) {
    const file = join(folder, name);
    const document = parseDocument(await readFile(file, 'utf8'));
    if (document.hasIn(['server', 'rounds'])) document.setIn(['server', 'rounds'], ROUNDS);
    if (document.has('expect')) document.set('expect', [{ arm: 'federated', metric: 'test/accuracy', within: [0, 1] }]);
    await writeFile(file, String(document));
  }
}
