import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodeFileSystem } from './file-system.js';
import {
  invocationsFolder,
  isInvocationRunning,
  readInvocation,
  resumeInvocation,
  startInvocation,
} from './invocation.js';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fedx-invocation-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const points = [1, 2].map((seed) => ({ overrides: { seed }, specHash: `hash ${seed}`, runs: [] }));
const request = { name: 'n', file: '/spec.yaml', text: 'name: n', overrides: ['a=1'], seeds: 2, points };
const files = () => readdirSync(invocationsFolder(directory)).toSorted();

describe('an invocation', () => {
  it('is on disk from its start, and is running until it is closed', async () => {
    const invocation = await startInvocation(request, { directory, clock: () => Date.UTC(2026, 10, 23, 9, 32, 1) });
    expect(invocation.id).toMatch(/^20261123-093201-n-[0-9a-f]{4}$/);
    expect(files()).toEqual([`${invocation.id}.json`, `${invocation.id}.lock`]);
    expect(isInvocationRunning(directory, invocation.id)).toBe(true);
    await invocation.addRun(1, 'r-1');
    await invocation.addRun(1, 'r-2');
    invocation.close();
    expect(isInvocationRunning(directory, invocation.id)).toBe(false);
    expect(readInvocation(directory, invocation.id)).toEqual({
      id: invocation.id,
      time: Date.UTC(2026, 10, 23, 9, 32, 1),
      ...request,
      points: [points[0], { ...points[1], runs: ['r-1', 'r-2'] }],
    });
  });

  it('without a run is forgotten', async () => {
    const invocation = await startInvocation(request, { directory });
    invocation.close();
    expect(files()).toEqual([]);
  });

  it('can be taken up again by one process at a time', async () => {
    const first = await startInvocation(request, { directory });
    await first.addRun(0, 'r-1');
    const { id } = first;
    expect(() => resumeInvocation(id, { directory })).toThrow(expect.objectContaining({ code: 'FEDX_RUN_BUSY' }));
    first.close();
    const { record, invocation: second } = resumeInvocation(id, { directory });
    expect(record).toEqual(readInvocation(directory, id));
    await second.addRun(1, 'r-2');
    second.close();
    expect(readInvocation(directory, first.id).points.map(({ runs }) => runs)).toEqual([['r-1'], ['r-2']]);
  });

  it('cannot begin where nothing can be written, and leaves no lock', async () => {
    const fileSystem = {
      ...nodeFileSystem,
      rename: () => {
        throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
      },
    };
    await expect(startInvocation(request, { directory, fileSystem })).rejects.toMatchObject({
      code: 'FEDX_STORAGE_FAILED',
    });
    expect(files()).toEqual([]);
  });

  it.each([
    '',
    '{}',
    '[1]',
    '{"id": 1}',
    'text',
    '{"id": "i", "file": "f", "text": "t", "overrides": [], "points": [null]}',
  ])('is not what a file with %j is', async (content) => {
    const invocation = await startInvocation(request, { directory });
    await invocation.addRun(0, 'r-1');
    invocation.close();
    writeFileSync(join(invocationsFolder(directory), `${invocation.id}.json`), content);
    expect(() => readInvocation(directory, invocation.id)).toThrow(
      expect.objectContaining({ code: 'FEDX_STORAGE_FAILED' }),
    );
  });

  it('keeps its record whole: what is read is what was written last', async () => {
    const invocation = await startInvocation(request, { directory });
    await Promise.all([0, 1].map((point) => invocation.addRun(point, `r-${point}`)));
    invocation.close();
    const text = readFileSync(join(invocationsFolder(directory), `${invocation.id}.json`), 'utf8');
    expect(JSON.parse(text)).toMatchObject({ points: [{ runs: ['r-0'] }, { runs: ['r-1'] }] });
  });
});
