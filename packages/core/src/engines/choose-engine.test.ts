import { describe, expect, it } from 'vitest';
import { automaticEngine, describeTensorflow } from './choose-engine.js';

describe('automaticEngine', () => {
  it('takes TensorFlow on a GPU, for convolutions on a CPU too, and else ONNX', () => {
    const choices = (['GPU', 'CPU', undefined] as const).map((device) =>
      (['product', 'convolution'] as const).map((work) => automaticEngine(device, work)),
    );
    expect(choices).toEqual([
      ['tensorflow', 'tensorflow'],
      ['onnx', 'tensorflow'],
      ['onnx', 'onnx'],
    ]);
  });
});

describe('describeTensorflow', () => {
  it('says version, source and device', () => {
    const binding = { source: 'fedx setup tensorflow', addon: 'tfjs_binding.node', libraries: [] } as const;
    const description = { version: '2.21.0', devices: ['CPU', 'GPU'] } as const;
    expect(describeTensorflow({ binding, description })).toBe('2.21.0 from fedx setup tensorflow on GPU');
  });
});
