import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FedxError } from '@fedx/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { once, runProgram, type SetupContext } from './step.js';

let context: SetupContext & { readonly lines: string[]; readonly controller: AbortController };

beforeEach(async () => {
  const lines: string[] = [];
  const controller = new AbortController();
  const folder = await mkdtemp(join(tmpdir(), 'fedx-step-'));
  context = { folder, lines, controller, signal: controller.signal, onProgress: (line) => lines.push(line) };
});

afterEach(() => rm(context.folder, { recursive: true }));

const missing = new FedxError('FEDX_SETUP_PREREQUISITE', 'There is no such program.');
const node = (script: string) => [process.execPath, '-e', script] as const;

describe('once', () => {
  it('does a step that failed again, and none that is done', async () => {
    let tries = 0;
    const work = (): Promise<void> => (++tries === 1 ? Promise.reject(new RangeError('no')) : Promise.resolve());
    await expect(once(context, 'A step', work)).rejects.toThrow(RangeError);
    await once(context, 'A step', work);
    await once(context, 'A step', work);
    expect(tries).toBe(2);
    expect(context.lines.at(-1)).toBe('A step: done before');
  });

  it('begins nothing once it is interrupted', async () => {
    context.controller.abort();
    let began = false;
    const work = (): Promise<void> => Promise.resolve(void (began = true));
    await expect(once(context, 'A step', work)).rejects.toMatchObject({ code: 'FEDX_RUN_INTERRUPTED' });
    expect(began).toBe(false);
  });
});

describe('runProgram', () => {
  it('returns what the program prints, and keeps it', async () => {
    expect(
      await runProgram(context, 'A step', node("process.stdout.write('out'); process.stderr.write('err')"), missing),
    ).toBe('out');
    expect(await readFile(join(context.folder, 'a-step.log'), 'utf8')).toBe('outerr');
  });

  it('tells the end of what a program printed before it failed, and where all of it is', async () => {
    const failing = node("for (let i = 0; i < 20; i++) console.log('line ' + i); process.exit(3)");
    await expect(runProgram(context, 'A step', failing, missing)).rejects.toMatchObject({
      code: 'FEDX_SETUP_FAILED',
      message: expect.stringMatching(/^A step failed: .* ended with 3\.\nline 14\n.*line 19$/s),
      place: { file: join(context.folder, 'a-step.log') },
    });
    expect(await readFile(join(context.folder, 'a-step.log'), 'utf8')).toContain('line 0\n');
  });

  it('says what is missing where there is no such program', async () => {
    await expect(runProgram(context, 'A step', ['no-such-program-here'], missing)).rejects.toBe(missing);
  });

  it('ends the program when it is interrupted', async () => {
    const running = runProgram(context, 'A step', node('setInterval(() => {}, 1000)'), missing);
    context.controller.abort();
    await expect(running).rejects.toMatchObject({ code: 'FEDX_RUN_INTERRUPTED' });
  });
});
