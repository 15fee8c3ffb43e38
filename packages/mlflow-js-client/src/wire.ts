import { MlflowError } from './mlflow-error.js';

/** A JSON object as the server sent it. */
export type Wire = Readonly<Record<string, unknown>>;

function missing(key: string, expected: string): MlflowError {
  return new MlflowError('CLIENT_INVALID_RESPONSE', `The server's answer lacks ${key}, which must be ${expected}.`, {
    mayHaveHappened: true,
  });
}

export function text(wire: Wire, key: string): string {
  const value = optionalText(wire, key);
  if (value === undefined) throw missing(key, 'a text');
  return value;
}

/** Undefined where the field is absent or empty: the wire makes no difference between the two. */
export function optionalText(wire: Wire, key: string): string | undefined {
  const value = wire[key];
  // Ids are numbers to some servers and texts to others.
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A 64-bit integer comes as a number or as a text. */
export function optionalInteger(wire: Wire, key: string): number | undefined {
  const value = wire[key];
  if (typeof value !== 'number' && typeof value !== 'string') return undefined;
  const number = Number(value);
  return Number.isInteger(number) ? number : undefined;
}

export function integer(wire: Wire, key: string): number {
  const value = optionalInteger(wire, key);
  if (value === undefined) throw missing(key, 'an integer');
  return value;
}

export function object(wire: Wire, key: string): Wire {
  const value = wire[key];
  if (!isWire(value)) throw missing(key, 'an object');
  return value;
}

/** Empty where the field is absent. */
export function optionalObject(wire: Wire, key: string): Wire {
  const value = wire[key];
  return isWire(value) ? value : {};
}

/** Empty where the field is absent. */
export function list(wire: Wire, key: string): readonly Wire[] {
  const value: unknown = wire[key];
  return Array.isArray(value) ? value.filter(isWire) : [];
}

export function isWire(value: unknown): value is Wire {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `[{ key, value }]`, as tags and params travel, as a record. */
export function keyValues(wire: Wire, key: string): Readonly<Record<string, string>> {
  return Object.fromEntries(list(wire, key).map((pair) => [text(pair, 'key'), optionalText(pair, 'value') ?? '']));
}

export function toKeyValues(record: Readonly<Record<string, string>>): { key: string; value: string }[] {
  return Object.entries(record).map(([key, value]) => ({ key, value }));
}

/** A metric's value for the wire: JSON has no number for NaN and the infinities, protobuf's JSON has names. */
export function encodeNumber(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

/** A metric's value off the wire. Zero is left out there, as the default of its type. */
export function decodeNumber(wire: Wire, key: string): number {
  const value = wire[key] ?? 0;
  if (typeof value === 'number' || typeof value === 'string') return Number(value);
  throw missing(key, 'a number');
}

/** The fields that are not undefined, so that optional fields stay absent instead of being undefined. */
export function present<Fields extends object>(
  fields: Fields,
): { [Key in keyof Fields as undefined extends Fields[Key] ? never : Key]: Fields[Key] } & {
  [Key in keyof Fields as undefined extends Fields[Key] ? Key : never]?: Exclude<Fields[Key], undefined>;
} {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as ReturnType<
    typeof present<Fields>
  >;
}
