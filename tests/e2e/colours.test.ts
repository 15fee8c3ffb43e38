import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fedx, seedExperiment } from './fedx.js';

const program = fileURLToPath(new URL('../../packages/cli/bin/fedx.js', import.meta.url));
const escape = '\u001b[';
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fedx-colours-'));
});
afterAll(async () => rm(folder, { recursive: true, force: true }));

/** What a terminal of 100 columns shows of a command; `script` of util-linux lends the pseudo-terminal. */
async function shown(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
  const { NO_COLOR: _, FORCE_COLOR: _forced, CI: _ci, ...user } = process.env;
  const command = ['stty cols 100;', `'${process.execPath}'`, `'${program}'`, ...args].join(' ');
  const { stdout } = await promisify(execFile)('script', ['-qc', command, '/dev/null'], {
    cwd: folder,
    env: { ...user, TERM: 'xterm-256color', ...env },
  });
  return stdout;
}

const plan = ['plan', seedExperiment, '--no-estimate'];

describe('colours', () => {
  it('are shown on a terminal, with a bar for each client', async () => {
    const text = await shown(plan);
    expect(text).toContain(escape);
    expect(text).toContain('labels');
    expect(text).not.toContain('4331');
  });

  it('are off with NO_COLOR, and then the bars are numbers', async () => {
    const text = await shown(plan, { NO_COLOR: '1' });
    expect(text).not.toContain(escape);
    expect(text).toMatch(/346 +4331 +350/);
  });

  it('are off where there is no terminal', async () => {
    const { stdout } = await fedx(plan, folder);
    expect(stdout).not.toContain(escape);
    expect(stdout).toMatch(/346 +4331 +350/);
  });

  it('mark errors too, on a terminal without NO_COLOR only', async () => {
    const wrong = ['validate', seedExperiment, 'client.epocs=1'];
    expect(await shown(wrong)).toContain(escape);
    expect(await shown(wrong, { NO_COLOR: '1' })).not.toContain(escape);
    expect((await fedx(wrong, folder)).stderr).not.toContain(escape);
  });
});
