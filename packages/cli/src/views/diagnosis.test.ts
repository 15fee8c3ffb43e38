import { describe, expect, it } from 'vitest';
import { canRun, type Diagnosis, renderDiagnosis } from './diagnosis.js';
import { plain } from './paint.js';

const onnx = { name: 'onnx', usable: true, version: '1.30.0', devices: ['CPU'], source: 'onnxruntime-node' } as const;
const tensorflow = {
  name: 'tensorflow',
  usable: false,
  devices: [],
  problem: 'TensorFlow is not set up here.',
  remedy: 'Run fedx setup tensorflow.',
} as const;

const diagnosis: Diagnosis = {
  node: '24.0.0',
  platform: 'linux x64',
  cores: 2,
  engines: [onnx, tensorflow],
  automatic: { products: 'onnx', windows: 'onnx' },
};

describe('renderDiagnosis', () => {
  it('shows what each engine computes on, and what mends one that cannot run', async () => {
    expect(await renderDiagnosis(diagnosis, plain)).toBe(
      [
        'Node 24.0.0, linux x64, 2 cores',
        '',
        'engine                  version  devices  from',
        'onnx        usable      1.30.0   CPU      onnxruntime-node',
        'tensorflow  not usable  –        –        –',
        '',
        'tensorflow: TensorFlow is not set up here.',
        '  Run fedx setup tensorflow.',
        '',
        'engine.use=auto means onnx here.',
      ].join('\n'),
    );
  });

  it('says so where the engine that auto means cannot run', async () => {
    const broken = { ...diagnosis, engines: [{ ...onnx, usable: false, problem: 'It does not load.' }] };
    expect(await renderDiagnosis(broken, plain)).toContain('engine.use=auto means onnx here, which cannot run.');
  });
});

describe('a choice that depends on the model', () => {
  it('is told with what it depends on', async () => {
    const both = {
      ...diagnosis,
      engines: [onnx, { ...tensorflow, usable: true }],
      automatic: { products: 'onnx', windows: 'tensorflow' },
    } as const;
    expect(await renderDiagnosis(both, plain)).toContain(
      'engine.use=auto means onnx, and tensorflow for models of depthwise, dilated or strided convolutions or overlapping pools, here.',
    );
  });
});

describe('canRun', () => {
  it('depends on the engine that auto means, and on no other', () => {
    expect(canRun(diagnosis)).toBe(true);
    expect(canRun({ ...diagnosis, automatic: { products: 'onnx', windows: 'tensorflow' } })).toBe(false);
    expect(canRun({ ...diagnosis, engines: [] })).toBe(false);
  });
});
