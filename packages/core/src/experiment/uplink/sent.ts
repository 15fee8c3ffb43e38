import type { Parameters, ParameterTensor, Update } from '../../contracts/index.js';
import { norm } from '../../parameters/index.js';

/** All numbers of an update by name: `delta/<parameter>`, and `report/…` for the report; a number is a tensor of shape `[]`. */
export function numbersOf({ delta, report }: Update): Parameters {
  return numbersIn({ delta, report });
}

/** All numbers of plain data, by the path that leads to them; a number is a tensor of shape `[]`. */
export function numbersIn(data: unknown): Parameters {
  const found: Record<string, ParameterTensor> = {};
  rebuild(data, '', (name, tensor) => (found[name] = tensor));
  return found;
}

/** Where plain data holds something that is neither a number nor made of numbers, by the path that leads there. */
export function notNumbers(data: unknown, name: string): string | undefined {
  if (data === undefined || data === null || typeof data === 'number' || data instanceof Float32Array) return undefined;
  if (typeof data !== 'object') return name;
  if (isTensor(data)) return undefined;
  return Object.entries(data)
    .map(([key, part]) => notNumbers(part, `${name}.${key}`))
    .find((found) => found !== undefined);
}

/** The update with other numbers under the same names. */
export function withNumbers(update: Update, numbers: Parameters): Update {
  const { delta, report } = rebuild(
    { delta: update.delta, report: update.report },
    '',
    (name, tensor) => numbers[name] ?? tensor,
  ) as Pick<Update, 'delta' | 'report'>;
  let known: number | undefined;
  return {
    client: update.client,
    delta,
    /** Not everybody asks for it. */
    get norm() {
      known ??= norm(delta);
      return known;
    },
    report,
    examples: update.examples,
    steps: update.steps,
    complete: update.complete,
  };
}

/** Plain data in which each tensor, array and number went through `f`; what is nothing of these stays. */
function rebuild(data: unknown, name: string, f: (name: string, tensor: ParameterTensor) => ParameterTensor): unknown {
  if (typeof data === 'number') return f(name, { shape: [], data: Float32Array.of(data) }).data[0];
  if (data instanceof Float32Array) return f(name, { shape: [data.length], data }).data;
  if (typeof data !== 'object' || data === null) return data;
  if (isTensor(data)) return f(name, data);
  const entries = Object.entries(data).map(([key, part]: [string, unknown]) => [
    key,
    rebuild(part, name === '' ? key : `${name}/${key}`, f),
  ]);
  return Array.isArray(data) ? entries.map(([, part]) => part) : Object.fromEntries(entries);
}

function isTensor(data: object): data is ParameterTensor {
  return 'shape' in data && 'data' in data && data.data instanceof Float32Array;
}
