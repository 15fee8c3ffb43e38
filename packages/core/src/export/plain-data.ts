import type { Parameters } from '../contracts/index.js';
import { fromSafetensors, toSafetensors } from './safetensors.js';

/**
 * Plain data in two pieces: its structure as JSON, and the numbers of all its Float32Arrays as a safetensors file. In the
 * JSON a record is `{"record": [[key, value], …]}`, in its order and whatever its keys; an array of numbers is
 * `{"array": name}`, the same name for the same array; what JSON has no word for is `{"special": "NaN"}`.
 */
export interface SavedData {
  readonly structure: string;
  readonly tensors: Uint8Array;
}

type Encoded =
  | number
  | string
  | boolean
  | null
  | readonly Encoded[]
  | { readonly record: readonly (readonly [string, Encoded])[] }
  | { readonly array: string }
  | { readonly special: string };

const specials: ReadonlyMap<string, number | undefined> = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
  ['-0', -0],
  ['undefined', undefined],
]);

/** Deeper data is taken for data that contains itself. */
const MAX_DEPTH = 50;

/** Where in `value`, and why, something stands that {@link saveData} has no form for; undefined where there is nothing such. */
export function whyUnsavable(value: unknown, path = 'state', depth = 0): string | undefined {
  if (depth > MAX_DEPTH) return `${path} nests too deep`;
  if (isSimple(value) || value instanceof Float32Array) return undefined;
  if (Array.isArray(value)) return firstReason(value.entries(), path, depth);
  if (isRecord(value)) return firstReason(Object.entries(value), path, depth);
  return `${path} is ${kindOf(value)}`;
}

/** Numbers (all of them), strings, booleans, null, undefined, Float32Arrays, and lists and records of these. */
export function saveData(value: unknown): SavedData {
  const names = new Map<Float32Array, string>();
  const encode = (item: unknown): Encoded => {
    if (item instanceof Float32Array) {
      const name = names.get(item) ?? String(names.size);
      names.set(item, name);
      return { array: name };
    }
    if (Array.isArray(item)) return item.map(encode);
    if (isRecord(item)) return { record: Object.entries(item).map(([key, entry]) => [key, encode(entry)]) };
    return encodeSimple(item);
  };
  const structure = JSON.stringify(encode(value));
  const tensors = [...names].map(([data, name]) => [name, { shape: [data.length], data }]);
  return { structure, tensors: toSafetensors(Object.fromEntries(tensors) as Parameters) };
}

/** Bytes of all arrays in what {@link saveData} takes, each counted once. */
export function bytesOfData(value: unknown): number {
  const arrays = new Set<Float32Array>();
  const gather = (item: unknown): void => {
    if (item instanceof Float32Array) arrays.add(item);
    else if (Array.isArray(item)) item.forEach(gather);
    else if (isRecord(item)) Object.values(item).forEach(gather);
  };
  gather(value);
  return [...arrays].reduce((sum, { byteLength }) => sum + byteLength, 0);
}

/** What {@link saveData} was given. Throws FEDX_DATA_CORRUPT for other tensors than it wrote. */
export function loadData({ structure, tensors }: SavedData): unknown {
  const arrays = fromSafetensors(tensors);
  const decode = (item: Encoded): unknown => {
    if (typeof item !== 'object' || item === null) return item;
    if ('record' in item) return Object.fromEntries(item.record.map(([key, entry]) => [key, decode(entry)]));
    if ('array' in item) return arrays[item.array]?.data;
    if ('special' in item) return specials.get(item.special);
    return item.map(decode);
  };
  return decode(JSON.parse(structure) as Encoded);
}

function encodeSimple(value: unknown): Encoded {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
  if (typeof value !== 'number') return { special: 'undefined' };
  if (Number.isFinite(value) && !Object.is(value, -0)) return value;
  return { special: Object.is(value, -0) ? '-0' : String(value) };
}

function firstReason(
  entries: Iterable<readonly [string | number, unknown]>,
  path: string,
  depth: number,
): string | undefined {
  for (const [key, entry] of entries) {
    const reason = whyUnsavable(entry, `${path}.${key}`, depth + 1);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

function isSimple(value: unknown): boolean {
  return value === null || ['number', 'string', 'boolean', 'undefined'].includes(typeof value);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function kindOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return `a ${typeof value}`;
  return `a ${(value.constructor as { readonly name?: string } | undefined)?.name ?? 'strange object'}`;
}
