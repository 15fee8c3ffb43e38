import { describe, expect, it } from 'vitest';
import { encodeModel } from './model.js';
import { DataType, valueInfo } from './nodes.js';
import { readOnnxSignature } from './signature.js';

describe('readOnnxSignature', () => {
  it('reads names and shapes, with -1 for a size that is free', () => {
    const model = encodeModel({
      name: 'model',
      nodes: [],
      inputs: [valueInfo('inputs', DataType.FLOAT, ['batch', 28, 28, 1])],
      outputs: [valueInfo('logits', DataType.FLOAT, ['batch', 10])],
    });
    expect(readOnnxSignature(model)).toEqual({
      inputs: [{ name: 'inputs', shape: [-1, 28, 28, 1] }],
      outputs: [{ name: 'logits', shape: [-1, 10] }],
    });
  });

  it('throws for bytes that are no model', () => {
    expect(() => readOnnxSignature(Uint8Array.of(255, 255, 255))).toThrow();
  });
});
