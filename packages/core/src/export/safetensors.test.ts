import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Parameters } from '../contracts/index.js';
import { fromSafetensors, toSafetensors } from './safetensors.js';

/**
 * Written by Python's safetensors 0.8.0:
 * save({'empty': zeros((0, 2)), 'hidden/bias': array([0.25, inf, -7]), 'hidden/kernel': array([[0.5, -1, 2], [3.5, -0.0, 1e-3]]),
 *       'scale': array(1.5)}, metadata={'framework': 'fedx'}), all float32, in base64.
 */
const fromPython = Buffer.from(
  'IAEAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJmcmFtZXdvcmsiOiJmZWR4In0sImVtcHR5Ijp7ImR0eXBlIjoiRjMyIiwic2hhcGUiOlswLDJdLCJkYXRh' +
    'X29mZnNldHMiOlswLDBdfSwiaGlkZGVuL2JpYXMiOnsiZHR5cGUiOiJGMzIiLCJzaGFwZSI6WzNdLCJkYXRhX29mZnNldHMiOlswLDEyXX0sImhpZGRl' +
    'bi9rZXJuZWwiOnsiZHR5cGUiOiJGMzIiLCJzaGFwZSI6WzIsM10sImRhdGFfb2Zmc2V0cyI6WzEyLDM2XX0sInNjYWxlIjp7ImR0eXBlIjoiRjMyIiwi' +
    'c2hhcGUiOltdLCJkYXRhX29mZnNldHMiOlszNiw0MF19fSAAAIA+AACAfwAA4MAAAAA/AACAvwAAAEAAAGBAAAAAgG8SgzoAAMA/',
  'base64',
);

const parameters: Parameters = {
  empty: { shape: [0, 2], data: new Float32Array() },
  'hidden/bias': { shape: [3], data: Float32Array.of(0.25, Number.POSITIVE_INFINITY, -7) },
  'hidden/kernel': { shape: [2, 3], data: Float32Array.of(0.5, -1, 2, 3.5, -0, 1e-3) },
  scale: { shape: [], data: Float32Array.of(1.5) },
};

/** A file with this header and so many bytes of data. */
function file(header: string | object, dataBytes = 0): Uint8Array {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, Buffer.alloc(dataBytes)]);
}

function tensor(begin: unknown, end: unknown, shape: unknown = [1], dtype: unknown = 'F32') {
  return { dtype, shape, data_offsets: [begin, end] };
}

describe('toSafetensors', () => {
  it('writes the very bytes that the Python package writes', () => {
    expect(Buffer.from(toSafetensors(parameters, { framework: 'fedx' }))).toEqual(fromPython);
  });

  it('begins the data at a multiple of 8 bytes', () => {
    for (const name of ['a', 'ab', 'abc', 'ü', 'a name of some length']) {
      const bytes = Buffer.from(toSafetensors({ [name]: { shape: [1], data: Float32Array.of(1) } }));
      expect(bytes.readBigUInt64LE() % 8n).toBe(0n);
      expect(bytes.readFloatLE(8 + Number(bytes.readBigUInt64LE()))).toBe(1);
    }
  });

  it('writes only its own part of a shared buffer', () => {
    const data = Float32Array.of(1, 2, 3, 4).subarray(1, 3);
    expect(fromSafetensors(toSafetensors({ a: { shape: [2], data } }))).toEqual({
      a: { shape: [2], data: Float32Array.of(2, 3) },
    });
  });

  it.each(['__metadata__', '__proto__'])('refuses a parameter called %s', (name) => {
    const reserved = Object.fromEntries([[name, { shape: [1], data: Float32Array.of(1) }]]);
    expect(() => toSafetensors(reserved)).toThrow(expect.objectContaining({ code: 'FEDX_PLUGIN_FAILED' }));
  });

  it('refuses data that does not fill its shape', () => {
    expect(() => toSafetensors({ a: { shape: [2, 2], data: new Float32Array(3) } })).toThrow(
      'Parameter a has 3 values, which do not fill its shape [2, 2].',
    );
  });
});

describe('fromSafetensors', () => {
  it('reads what the Python package writes', () => {
    expect(fromSafetensors(fromPython)).toEqual(parameters);
  });

  it('reads back any parameters, in their order', () => {
    const data = fc.float32Array({ maxLength: 20 });
    const name = fc
      .string({ unit: 'binary', minLength: 1 })
      .filter((text) => !['__proto__', '__metadata__'].includes(text));
    fc.assert(
      fc.property(fc.dictionary(name, data, { noNullPrototype: true }), (tensors) => {
        const written: Parameters = Object.fromEntries(
          Object.entries(tensors).map(([key, values]) => [key, { shape: [values.length, 1], data: values }]),
        );
        const read = fromSafetensors(toSafetensors(written));
        expect(read).toEqual(written);
        expect(Object.keys(read)).toEqual(Object.keys(written));
      }),
    );
  });

  it('reads a file that lies anywhere in a larger buffer', () => {
    const larger = Buffer.concat([Buffer.of(0, 0, 0), fromPython]);
    expect(fromSafetensors(larger.subarray(3))).toEqual(parameters);
  });

  it('reads tensors whose header is not in the order of the data', () => {
    const bytes = file({ b: tensor(4, 8), a: tensor(0, 4) }, 8);
    bytes[bytes.length - 1] = 0x40;
    expect(fromSafetensors(bytes)).toEqual({
      b: { shape: [1], data: Float32Array.of(2) },
      a: { shape: [1], data: Float32Array.of(0) },
    });
  });

  it('refuses a file that was cut anywhere', () => {
    for (let size = 0; size < fromPython.length; size++) {
      expect(() => fromSafetensors(fromPython.subarray(0, size))).toThrow(
        expect.objectContaining({ code: 'FEDX_DATA_CORRUPT' }),
      );
    }
  });

  it.each([
    ['a header longer than any file', Buffer.alloc(16, 0xff)],
    ['a header that is not JSON', file('{"a":')],
    ['a header that is a list', file('[]')],
    ['a header that is null', file('null')],
    ['a tensor that is a number', file({ a: 1 })],
    ['a tensor without a type', file({ a: { shape: [1], data_offsets: [0, 4] } }, 4)],
    ['half precision', file({ a: tensor(0, 2, [1], 'F16') }, 2)],
    ['a shape that is no list', file({ a: tensor(0, 4, 1) }, 4)],
    ['a negative axis', file({ a: tensor(0, 4, [-1, -1]) }, 4)],
    ['a fractional axis', file({ a: tensor(0, 4, [0.5, 2]) }, 4)],
    ['a shape too large for any data', file({ a: tensor(0, 4, [2 ** 52, 2 ** 52]) }, 4)],
    ['a shape of another size', file({ a: tensor(0, 4, [2]) }, 4)],
    ['offsets the wrong way round', file({ a: tensor(4, 0) }, 4)],
    ['offsets that are texts', file({ a: tensor('0', '4') }, 4)],
    ['one offset', file({ a: { dtype: 'F32', shape: [1], data_offsets: [0] } }, 4)],
    ['offsets behind the end', file({ a: tensor(4, 8) }, 4)],
    ['tensors that overlap', file({ a: tensor(0, 4), b: tensor(0, 4) }, 8)],
    ['a hole between tensors', file({ a: tensor(0, 4), b: tensor(8, 12) }, 12)],
    ['bytes that belong to no tensor', file({ a: tensor(0, 4) }, 8)],
    ['a tensor called __proto__', file('{"__proto__":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', 4)],
  ])('refuses %s', (_, bytes) => {
    expect(() => fromSafetensors(bytes)).toThrow(expect.objectContaining({ code: 'FEDX_DATA_CORRUPT' }));
  });
});
