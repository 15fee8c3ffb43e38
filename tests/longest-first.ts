import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files of which the longest would otherwise come last, by vitest's rule of size, and leave all cores but one without work. */
const longest = [
  'tests/mlflow/outages.test.ts',
  'tests/mlflow/sync.test.ts',
  'tests/package/pack.test.ts',
  'tests/docs/pages.test.ts',
  'packages/compiler/src/onnx/operations.test.ts',
  'packages/models/src/conformance.test.ts',
];

/** Begins a run of all tests with those that take longest. */
export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const first = longest.flatMap((name) => sorted.filter(({ moduleId }) => moduleId.endsWith(`/${name}`)));
    return [...first, ...sorted.filter((file) => !first.includes(file))];
  }
}
