import { afterEach, describe, expect, it, vi } from 'vitest';

afterEach(() => vi.restoreAllMocks());

describe('tfjs', () => {
  it('does not advise to install another backend, and keeps its other warnings', async () => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue();
    const { tf } = await import('./tfjs.js');
    await tf.setBackend('cpu');
    expect([...tf.tensor([1, 2]).dataSync()]).toEqual([1, 2]);
    expect(warn).not.toHaveBeenCalled();
    tf.backend_util.warn('Something else.');
    expect(warn).toHaveBeenCalledWith('Something else.');
  });
});
