import { describe, expect, it } from 'vitest';
import { automaticEngine, describeTensorflow } from './choose-engine.js';

describe('automaticEngine', () => {
  it('takes TensorFlow on a GPU, and else ONNX', () => {
    expect(automaticEngine({ tensorflow: 'GPU' })).toBe('tensorflow');
    expect(automaticEngine({ tensorflow: 'CPU' })).toBe('onnx');
    expect(automaticEngine({})).toBe('onnx');
  });
});

describe('describeTensorflow', () => {
  it('says version, source and device', () => {
    const binding = { source: 'fedx setup tensorflow', addon: 'tfjs_binding.node', libraries: [] } as const;
    const description = { version: '2.21.0', devices: ['CPU', 'GPU'] } as const;
    expect(describeTensorflow({ binding, description })).toBe('2.21.0 from fedx setup tensorflow on GPU');
  });
});
