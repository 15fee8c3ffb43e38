import { execFile, spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fedx } from '../e2e/fedx.js';
import { openShell } from './interactive-shell.js';

const program = fileURLToPath(new URL('../../packages/cli/bin/fedx.js', import.meta.url));

const spec = `apiVersion: fedx/v1
name: small
dataset: { use: mnist }
partition: { use: iid, clients: 10 }
model: { use: mlp, hidden: [6] }
client: { optimizer: { use: sgd, learningRate: 0.1 } }
server: { rounds: 2 }
`;

let folder = '';
let env: NodeJS.ProcessEnv = {};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fedx-completion-'));
  await mkdir(join(folder, 'bin'));
  await writeFile(join(folder, 'bin', 'fedx'), `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`);
  await chmod(join(folder, 'bin', 'fedx'), 0o755);
  await mkdir(join(folder, 'specs'));
  await writeFile(join(folder, 'specs', 'small one.yaml'), spec);
  await writeFile(join(folder, 'specs', 'notes.txt'), '');
  env = {
    ...process.env,
    PATH: `${join(folder, 'bin')}${delimiter}${process.env.PATH ?? ''}`,
    HOME: folder,
    PS1: '> ',
  };
});

afterAll(async () => rm(folder, { recursive: true, force: true }));

/** Whether a shell is missing for good: where tests run for a change, all have to be there. */
function lacks(shell: string): boolean {
  return process.env.CI === undefined && spawnSync(shell, ['--version']).error !== undefined;
}

const interactive = [
  {
    shell: 'bash',
    command: 'bash --norc --noprofile -i',
    setUp: 'stty cols 200; eval "$(fedx completion bash)"; echo is re""ady\n',
  },
  {
    shell: 'zsh',
    command: 'zsh -f -i',
    setUp: 'stty cols 200; autoload -U compinit && compinit -u -D; eval "$(fedx completion zsh)"; echo is re""ady\n',
  },
];

describe('the Tab key', () => {
  for (const { shell, command, setUp } of interactive) {
    it.skipIf(lacks(shell))(`completes command, file, path and plugin name in ${shell}`, async () => {
      const { type, close } = openShell(command, folder, env);
      try {
        await type(setUp, 'is ready');
        await type('fedx val\t', 'fedx validate');
        await type('sp\t', 'fedx validate specs/');
        await type('\t', 'fedx validate specs/small\\ one.yaml');
        await type('client.optimizer.u\t', 'one.yaml client.optimizer.use=');
        await type('sg\t', 'client.optimizer.use=sgd');
        await type('part\tcl\t', 'partition.clients=');
        await type('4 --js\t', '--json');
        await type('\n', '"valid": true');
        await type('', '"clients": 4');
      } finally {
        await close();
      }
    });
  }

  it.skipIf(lacks('fish'))('completes command, file, path and plugin name in fish', async () => {
    const complete = async (line: string): Promise<string[]> => {
      const script = `fedx completion fish | source; complete -C ${JSON.stringify(line)}`;
      const { stdout } = await promisify(execFile)('fish', ['--no-config', '-c', script], { cwd: folder, env });
      return stdout.trimEnd().split('\n');
    };
    expect(await complete('fedx val')).toEqual(['validate\tCheck a spec and show every problem at once.']);
    expect(await complete('fedx run specs/')).toEqual(['specs/small one.yaml']);
    expect(await complete("fedx run 'specs/small one.yaml' partition.c")).toEqual([
      'partition.clients=\tNumber of clients, all of the same size. Either this or sizes.',
    ]);
    expect(await complete("fedx run 'specs/small one.yaml' strategy.use=fed")).toContain('strategy.use=fedavg');
  });
});

describe('fedx completion', () => {
  it.each(['bash', 'zsh', 'fish'])('prints a script for %s, also as JSON', async (shell) => {
    const { stdout } = await fedx(['completion', shell], folder);
    expect(stdout).toContain('complete --');
    const { stdout: document } = await fedx(['completion', shell, '--json'], folder);
    expect(JSON.parse(document)).toEqual({ shell, script: stdout });
  });

  it('ends with 2 for a shell that it does not know', async () => {
    const { exitCode, stderr } = await fedx(['completion', 'cmd'], folder);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('bash, zsh, fish');
  });
});

describe('fedx complete', () => {
  it('answers with a candidate a line and nothing else, also where nothing can be read', async () => {
    expect(await fedx(['complete', '--', 'run', 'nowhere.yaml', 'seed'], folder)).toEqual({
      exitCode: 0,
      stderr: '',
      stdout: expect.stringMatching(/^seed=\t[^\n]+\nseeds\.data=\t[^\n]+\n/),
    });
  });

  it('is not listed among the commands', async () => {
    expect((await fedx(['--help'], folder)).stdout).not.toMatch(/\n {2}complete /);
  });
});
