import assert from 'node:assert/strict';

/**
 * Asserts that `value` survives being written to a file and read back: numbers, text, true, false, null, lists, plain
 * records and Float32Arrays, to any depth. `undefined` is nothing to write.
 */
export function assertPlainData(value: unknown, path: string): void {
  if (value === undefined || value === null || value instanceof Float32Array) return;
  if (['number', 'string', 'boolean'].includes(typeof value)) return;
  if (Array.isArray(value)) {
    value.forEach((item, index) => {
      assertPlainData(item, `${path}[${index}]`);
    });
    return;
  }
  const isRecord =
    typeof value === 'object' && [Object.prototype, null].includes(Object.getPrototypeOf(value) as never);
  assert.ok(
    isRecord,
    `${path} is ${describe(value)}: only numbers, text, lists, records and Float32Arrays can be kept.`,
  );
  for (const [key, item] of Object.entries(value)) assertPlainData(item, `${path}.${key}`);
}

function describe(value: unknown): string {
  return typeof value === 'object' ? `a ${value?.constructor.name ?? 'thing'}` : `a ${typeof value}`;
}
