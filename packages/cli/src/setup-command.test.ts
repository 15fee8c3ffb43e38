import { describe, expect, it } from 'vitest';
import { withoutGpu } from './setup-command.js';

describe('withoutGpu', () => {
  it('says that CUDA was asked for in vain, and what to check, where there is no GPU', () => {
    expect(withoutGpu(['CPU'])).toMatch(/^warning: CUDA was asked for.*nvidia-smi.*driver/s);
  });

  it('says nothing where there is one', () => {
    expect(withoutGpu(['CPU', 'GPU'])).toBeUndefined();
  });
});
