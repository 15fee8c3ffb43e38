import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Ended, startFedx } from '../e2e/fedx.js';

let cache = '';

beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'fedx-setup-'));
});

afterEach(() => rm(cache, { recursive: true }));

const run = (args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Ended> =>
  startFedx([...args, '--json'], cache, { FEDX_CACHE: cache, ...environment }).ended;

const documentOf = ({ stdout }: Ended): Readonly<Record<string, unknown>> =>
  JSON.parse(stdout) as Readonly<Record<string, unknown>>;

/** A shell script that stands for a program. */
async function script(path: string, text: string): Promise<void> {
  await writeFile(path, `#!/bin/sh\n${text}\n`);
  await chmod(path, 0o755);
}

describe('fedx setup mlflow', () => {
  it('names Python and what installs it where there is none', async () => {
    const outcome = await run(['setup', 'mlflow'], { PATH: cache });
    expect(outcome.exitCode).toBe(5);
    expect(documentOf(outcome)['error']).toMatchObject({
      code: 'FEDX_SETUP_PREREQUISITE',
      hint: expect.stringContaining('apt-get install python3'),
    });
  });

  it('names an older Python than it needs', async () => {
    await mkdir(join(cache, 'bin'));
    await script(join(cache, 'bin', 'python3'), 'exit 1');
    const outcome = await run(['setup', 'mlflow'], { PATH: join(cache, 'bin') });
    expect(documentOf(outcome)['error']).toMatchObject({
      code: 'FEDX_SETUP_PREREQUISITE',
      message: expect.stringContaining('older'),
    });
  });

  it('goes on where it failed, and is found by fedx ui only when it came to its end', async () => {
    // As a setup leaves it whose installation was cut off; the environment's Python is a stand-in.
    const folder = join(cache, 'mlflow', '3.17.2');
    await mkdir(join(folder, 'bin'), { recursive: true });
    await writeFile(join(folder, 'python-environment.done'), '');
    const python = join(folder, 'bin', 'python');

    await script(python, 'echo "connection broken" >&2; exit 1');
    const failed = await run(['setup', 'mlflow']);
    expect(failed.exitCode).toBe(5);
    expect(documentOf(failed)['error']).toMatchObject({
      code: 'FEDX_SETUP_FAILED',
      message: expect.stringContaining('connection broken'),
      hint: expect.stringContaining('goes on where it stopped'),
    });
    const missing = await run(['ui'], { PATH: cache });
    expect(documentOf(missing)['error']).toMatchObject({ code: 'FEDX_UI_UNAVAILABLE' });

    const mlflow = join(folder, 'bin', 'mlflow');
    await script(python, `printf '#!/bin/sh\\necho mlflow, version 3.17.2\\n' > '${mlflow}' && chmod +x '${mlflow}'`);
    const done = await run(['setup', 'mlflow']);
    expect(done.stderr).toContain('Python environment: done before');
    expect(documentOf(done)).toEqual({ mlflow: { version: '3.17.2', folder, program: mlflow } });

    await script(python, 'exit 1');
    expect((await run(['setup', 'mlflow'])).exitCode).toBe(0);
  });
});
