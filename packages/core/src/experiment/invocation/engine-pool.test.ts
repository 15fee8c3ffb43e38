import { describe, expect, it } from 'vitest';
import { nodeFileSystem } from '../../runs/index.js';
import type { ExperimentSpec } from '../../spec/index.js';
import { createEnginePool } from './engine-pool.js';

const spec = { engine: { use: 'onnx' }, executor: { use: 'worker-pool', workers: 1 } } as const;
const asked = (more: Partial<Pick<ExperimentSpec, 'engine' | 'executor'>> = {}) =>
  ({ ...spec, ...more }) as unknown as ExperimentSpec;

function pool(signal: AbortSignal = new AbortController().signal) {
  return createEnginePool({ fileSystem: nodeFileSystem, signal });
}

const silent = (): void => undefined;

describe('the engines of an invocation', () => {
  it('are one for runs that ask for the same', async () => {
    const engines = pool();
    const first = await engines.lease({ name: 'onnx' }, asked(), '/data', silent);
    await first.release();
    const second = await engines.lease({ name: 'onnx' }, asked(), '/data', silent);
    expect(second.engine).toBe(first.engine);
    expect(second.programs).toBe(first.programs);
    await engines.close();
  });

  it.each([
    ['engine', 'eager', asked(), '/data'],
    ['number of workers', 'onnx', asked({ executor: { use: 'worker-pool', workers: 2 } }), '/data'],
    ['dataset', 'onnx', asked(), '/other'],
  ] as const)('are another for another %s', async (_, name, other, directory) => {
    const engines = pool();
    const first = await engines.lease({ name: 'onnx' }, asked(), '/data', silent);
    await first.release();
    const second = await engines.lease({ name }, other, directory, silent);
    expect(second.engine).not.toBe(first.engine);
    await engines.close();
  });

  it('are another after a run that failed, whose signal alone is aborted', async () => {
    const engines = pool();
    const first = await engines.lease({ name: 'onnx' }, asked(), '/data', silent);
    first.stop();
    await first.release();
    const second = await engines.lease({ name: 'onnx' }, asked(), '/data', silent);
    expect(first.signal.aborted).toBe(true);
    expect(second.signal.aborted).toBe(false);
    expect(second.engine).not.toBe(first.engine);
    await engines.close();
  });

  it('end with the user', async () => {
    const user = new AbortController();
    const lease = await pool(user.signal).lease({ name: 'onnx' }, asked(), '/data', silent);
    user.abort();
    expect(lease.signal.aborted).toBe(true);
    await lease.release();
  });
});
