import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProject, type Project, type Run } from './tiny-federation.js';

/** What throws: its line in the file is that of the transformed code plus some, because of what stands above it. */
const THROWN = 'throw new Error(`on ${purpose}`)';
const head = (kind: string) => `import { define${kind}, parameters as p } from '@fedx/core';
interface Above {
  readonly the: string;
}
enum Also { A, B }
namespace Further { export const z = 3; export const y = 4 }
const purpose = 'purpose';
const name = 'faulty';
const options = { type: 'object', additionalProperties: false } as const;
const fail = (): never => {
  if (Also.A + Further.z > 0) ${THROWN};
  throw new Error();
};
`;
const kinds: Readonly<Record<string, readonly string[]>> = {
  Dataset: ['dataset={ use: faulty }'],
  Partitioner: ['partition={ use: faulty }'],
  Sampler: ['server.cohort={ use: faulty }'],
  Model: ['model={ use: faulty }'],
  Optimizer: ['client.optimizer={ use: faulty }'],
  Schedule: ['client.schedule={ use: faulty }'],
  Strategy: ['strategy={ use: faulty }'],
  Transform: ['transforms=[{ use: faulty }]'],
  Attack: ['environment={ attackers: { share: 0.4, attack: { use: faulty } } }'],
  Metric: ['evaluate.metrics=[{ use: faulty }]'],
  Sink: ['tracking.sinks=[{ use: faulty }]'],
};
const fedavg = 'aggregate: ({ global, updates }) => ({ global: p.add(global, updates.mean()) })';
const measure = 'measure: ({ tf, labels }) => ({ seen: tf.onesLike(labels) })';
const methods: readonly (readonly [string, string, string])[] = [
  ['Dataset', 'load', 'load: async () => { await undefined; return fail(); }'],
  ['Partitioner', 'partition', 'partition: fail'],
  [
    'Partitioner',
    'features',
    'partition: () => ({ examples: [0, 100].map((first) => Uint32Array.from({ length: 100 }, (_, i) => first + i)), features: fail })',
  ],
  ['Sampler', 'sample', 'sample: fail'],
  ['Model', 'init', 'create: () => ({ init: fail, apply: fail })'],
  ['Model', 'apply', 'create: () => ({ init: () => ({}), apply: fail })'],
  ['Optimizer', 'update', 'create: () => ({ update: fail })'],
  ['Schedule', 'factor', "create: () => ({ over: 'rounds', factor: fail })"],
  ['Strategy', 'init', `create: () => ({ init: fail, ${fedavg} })`],
  ['Strategy', 'aggregate', 'create: () => ({ aggregate: fail })'],
  ['Strategy', 'client.gradient', `create: () => ({ client: { gradient: fail }, ${fedavg} })`],
  ['Strategy', 'client.end', `create: () => ({ client: { end: fail }, ${fedavg} })`],
  ['Transform', 'apply', 'create: () => ({ apply: fail })'],
  ['Attack', 'relabel', 'create: () => ({ relabel: fail })'],
  ['Attack', 'forge', 'create: () => ({ forge: fail })'],
  ['Metric', 'measure', 'create: () => ({ measure: fail, finish: () => 1 })'],
  ['Metric', 'finish', `create: () => ({ ${measure}, finish: fail })`],
  ['Sink', 'write', 'create: () => ({ write: fail })'],
];
const creating = Object.keys(kinds).filter((kind) => !['Dataset', 'Partitioner', 'Sampler'].includes(kind));

let project: Project;
beforeAll(async () => {
  project = await createProject();
});
afterAll(() => project.remove());

/** Runs a plugin of this kind; `placeOf` tells where `text` stands in its file. */
async function runWith(kind: string, method: string, body: string) {
  const file = `${kind}-${method}.ts`;
  const source = `${head(kind)}export default define${kind}({ name, options,\n  ${body},\n} as never);\n`;
  await project.write(file, source);
  const run = await project.run([`plugins=[./${file}]`, 'server.rounds=1', ...(kinds[kind] ?? [])]);
  const placeOf = (text: string) => {
    const before = source.slice(0, source.indexOf(text)).split('\n');
    return {
      plugin: 'faulty',
      file: join(project.folder, file),
      line: before.length,
      column: (before.at(-1) ?? '').length + 1,
    };
  };
  return { failure: failureOf(kind, run), placeOf };
}

/** What a run failed with; a sink fails beside its run. */
function failureOf(kind: string, { error, report }: Run): unknown {
  if (kind !== 'Sink') return error;
  const [failure] = report?.sinkFailures ?? [];
  return failure && { code: 'FEDX_PLUGIN_FAILED', message: failure.problem, place: failure.place };
}

describe("the code of a plugin's file", () => {
  it.each(methods)('is named with its line where it throws: %s, %s', async (kind, method, body) => {
    const { failure, placeOf } = await runWith(kind, method, body);
    expect(failure).toMatchObject({
      code: 'FEDX_PLUGIN_FAILED',
      message: expect.stringMatching(/The plugin faulty failed .*: on purpose/),
      place: placeOf(THROWN.slice('throw '.length)),
    });
  });

  it.each(creating)('is named where its create gives nothing: %s', async (kind) => {
    const { failure, placeOf } = await runWith(kind, 'create', 'create: () => undefined');
    expect(failure).toMatchObject({
      code: 'FEDX_PLUGIN_FAILED',
      message: `The ${kind.toLowerCase()} faulty cannot be used: its create returned undefined, where an object is needed.`,
      place: { ...placeOf(`define${kind}({`), column: expect.any(Number) },
    });
  });
});
