import type { Parameters, ParameterTensor } from '../contracts/index.js';
import { FedxError } from '../errors/index.js';

/**
 * The safetensors format (github.com/huggingface/safetensors, "Format"): the length of the header as 8 bytes, little
 * endian; the header, JSON padded with spaces so that the data begins at a multiple of 8; then the tensors, row-major
 * and little endian. `data_offsets` count from the end of the header. Float32Array has the byte order of the machine,
 * which is little endian on every platform that the engines run on.
 */
const LENGTH_BYTES = 8;
/** The reference implementation's own limit. */
const MAX_HEADER_BYTES = 100_000_000;
const METADATA = '__metadata__';

interface HeaderEntry {
  readonly dtype: 'F32';
  readonly shape: readonly number[];
  /** First byte, and the byte after the last. */
  readonly data_offsets: readonly [begin: number, end: number];
}

/**
 * Parameters as a safetensors file, in their own order. `metadata` is kept in the header.
 * Throws FEDX_PLUGIN_FAILED for a parameter whose name the format reserves or whose data does not fill its shape.
 */
export function toSafetensors(parameters: Parameters, metadata?: Readonly<Record<string, string>>): Uint8Array {
  const entries: [string, unknown][] = metadata === undefined ? [] : [[METADATA, metadata]];
  let end = 0;
  for (const [name, { shape, data }] of Object.entries(parameters)) {
    assertWritable(name, shape, data);
    entries.push([name, { dtype: 'F32', shape, data_offsets: [end, end + data.byteLength] } satisfies HeaderEntry]);
    end += data.byteLength;
  }
  const json = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const headerLength = Math.ceil(json.length / 8) * 8;
  const file = Buffer.alloc(LENGTH_BYTES + headerLength + end, ' ');
  file.writeBigUInt64LE(BigInt(headerLength));
  file.set(json, LENGTH_BYTES);
  let position = LENGTH_BYTES + headerLength;
  for (const { data } of Object.values(parameters)) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), position);
    position += data.byteLength;
  }
  return file;
}

/**
 * The parameters in a safetensors file, in the order of its header. Metadata is left out; the data is copied.
 * Throws FEDX_DATA_CORRUPT for anything that is not a whole safetensors file of F32 tensors, each byte in one tensor.
 */
export function fromSafetensors(bytes: Uint8Array): Parameters {
  const { header, data } = splitFile(bytes);
  const tensors = Object.entries(header)
    .filter(([name]) => name !== METADATA)
    .map(([name, entry]) => ({ name, ...parseEntry(name, entry) }));
  assertTiling(tensors, data.length);
  return Object.fromEntries(
    tensors.map(({ name, shape, data_offsets }) => [name, copyTensor(shape, data.subarray(...data_offsets))]),
  );
}

function splitFile(bytes: Uint8Array): { readonly header: object; readonly data: Uint8Array } {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (file.length < LENGTH_BYTES) throw corrupt(`it has ${file.length} bytes, fewer than the length of a header takes`);
  const length = file.readBigUInt64LE();
  const room = Math.min(file.length - LENGTH_BYTES, MAX_HEADER_BYTES);
  if (length > room) throw corrupt(`its header claims ${length} bytes where at most ${room} are possible`);
  const dataStart = LENGTH_BYTES + Number(length);
  return { header: parseHeader(file.toString('utf8', LENGTH_BYTES, dataStart)), data: file.subarray(dataStart) };
}

function parseHeader(text: string): object {
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch (cause) {
    throw corrupt('its header is not JSON', cause);
  }
  if (!isRecord(header)) throw corrupt('its header is not a JSON object');
  return header;
}

function parseEntry(name: string, entry: unknown): HeaderEntry {
  const tensor = `tensor ${JSON.stringify(name)}`;
  // JSON.parse makes a plain key of it, but whoever copies the parameters by assignment would change a prototype.
  if (name === '__proto__') throw corrupt(`${tensor} has a name that is not allowed`);
  if (!isRecord(entry)) throw corrupt(`${tensor} is not described by a JSON object`);
  const { dtype, shape, data_offsets: offsets } = entry;
  if (dtype !== 'F32') throw corrupt(`${tensor} is ${JSON.stringify(dtype)}; fedx reads F32`);
  if (!isCounts(shape)) throw corrupt(`${tensor} has no proper shape`);
  const [begin, end, ...more] = isCounts(offsets) ? offsets : [];
  if (begin === undefined || end === undefined || more.length > 0 || begin > end)
    throw corrupt(`${tensor} has no proper data_offsets`);
  const size = sizeOf(shape) * Float32Array.BYTES_PER_ELEMENT;
  if (end - begin !== size)
    throw corrupt(`${tensor} of shape [${shape.join(', ')}] takes ${size} bytes, not ${end - begin}`);
  return { dtype, shape, data_offsets: [begin, end] };
}

/** Tensors lie one after the other and fill the data, as the format demands: no holes, no overlaps, nothing outside. */
function assertTiling(tensors: readonly (HeaderEntry & { readonly name: string })[], dataLength: number): void {
  let covered = 0;
  for (const { name, data_offsets } of tensors.toSorted(
    (a, b) => a.data_offsets[0] - b.data_offsets[0] || a.data_offsets[1] - b.data_offsets[1],
  )) {
    const [begin, end] = data_offsets;
    if (begin !== covered)
      throw corrupt(`tensor ${JSON.stringify(name)} begins at byte ${begin} of the data, not at ${covered}`);
    covered = end;
  }
  if (covered !== dataLength) throw corrupt(`its tensors take ${covered} bytes, but ${dataLength} follow the header`);
}

function copyTensor(shape: readonly number[], bytes: Uint8Array): ParameterTensor {
  const data = new Float32Array(bytes.length / Float32Array.BYTES_PER_ELEMENT);
  new Uint8Array(data.buffer).set(bytes);
  return { shape, data };
}

function assertWritable(name: string, shape: readonly number[], data: Float32Array): void {
  if (name === METADATA || name === '__proto__') {
    throw new FedxError('FEDX_PLUGIN_FAILED', `A parameter cannot be called ${name}.`, {
      hint: 'Give the parameter another name in the model.',
    });
  }
  if (sizeOf(shape) !== data.length) {
    throw new FedxError(
      'FEDX_PLUGIN_FAILED',
      `Parameter ${name} has ${data.length} values, which do not fill its shape [${shape.join(', ')}].`,
    );
  }
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, axis) => size * axis, 1);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCounts(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}

function corrupt(reason: string, cause?: unknown): FedxError {
  return new FedxError('FEDX_DATA_CORRUPT', `This is not a safetensors file: ${reason}.`, { cause });
}
