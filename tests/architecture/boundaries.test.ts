import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const require = createRequire(import.meta.url);
const { forbidden } = require('../../.dependency-cruiser.cjs') as { forbidden: readonly { name: string }[] };

interface Violation {
  readonly rule: string;
  readonly from: string;
}

/** A repository in which no rule is broken; each planted file comes on top of it. */
const cleanTree: Readonly<Record<string, string>> = {
  'packages/compiler/src/index.ts': "export * from './trace/index.js';",
  'packages/compiler/src/trace/index.ts': "import * as tf from '@tensorflow/tfjs'; export const trace = tf.tidy;",
  'packages/mlflow-js-client/src/index.ts': 'export const createMlflowClient = () => 0;',
  'packages/core/src/tracking/index.ts': "export { createMlflowClient } from 'mlflow-js-client';",
  'packages/core/src/index.ts':
    "export { fold } from './parameters/arithmetic.js'; export type * from './contracts/index.js';",
  'packages/core/src/host.ts': "export { createHost } from './compose-root.js';",
  'packages/core/src/testing.ts': 'export const conformance = [];',
  'packages/core/src/compose-root.ts':
    "import 'reflect-metadata'; import { container } from 'tsyringe'; export const createHost = () => container;",
  'packages/core/src/contracts/index.ts': "import type { Tensor } from '@tensorflow/tfjs'; export type Loss = Tensor;",
  'packages/core/src/parameters/index.ts': "export { fold } from './arithmetic.js';",
  'packages/core/src/parameters/arithmetic.ts': 'export const fold = 1;',
  'packages/core/src/engines/index.ts': "import { trace } from '@fedx/compiler'; export { trace };",
  'packages/datasets/src/index.ts': 'export const datasets = [];',
  'packages/models/src/index.ts': "import { fold } from '@fedx/core'; export const models = [fold];",
  'packages/models/src/models.test.ts':
    "import { conformance } from '@fedx/core/testing'; import * as tf from '@tensorflow/tfjs'; export { conformance, tf };",
  'packages/cli/src/index.ts':
    "import { createHost } from '@fedx/core/host'; import { models } from '@fedx/models'; export { createHost, models };",
};

/** For each rule, what crosses it. Some of these cross a second rule too. */
const planted: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'compiler-knows-no-fedx': { 'packages/compiler/src/trace/knows-core.ts': "import '@fedx/core';" },
  'mlflow-client-knows-no-fedx': { 'packages/mlflow-js-client/src/knows-core.ts': "import '@fedx/core';" },
  'core-imports-only-what-is-below': { 'packages/core/src/data/knows-mnist.ts': "import '@fedx/datasets';" },
  'built-ins-use-the-public-door': { 'packages/models/src/host-user.ts': "import '@fedx/core/host';" },
  'built-in-tests-use-public-doors': { 'packages/models/src/host-user.test.ts': "import '@fedx/core/host';" },
  'packages-meet-at-their-doors': {
    'packages/cli/src/commands/deep.ts': "import '../../../core/src/parameters/arithmetic.js';",
  },
  'rooms-meet-at-their-index': {
    'packages/core/src/data/past-the-door.ts': "import { fold } from '../parameters/arithmetic.js'; export { fold };",
  },
  'tfjs-runs-in-engines-and-layers-only': {
    'packages/core/src/data/lazy-tfjs.ts': "export const load = () => import('@tensorflow/tfjs');",
  },
  'built-ins-are-handed-tfjs': { 'packages/models/src/own-tfjs.ts': "import '@tensorflow/tfjs';" },
  'container-in-compose-root-only': { 'packages/core/src/plugins/injected.ts': "import 'tsyringe';" },
  'terminal-in-cli-only': { 'packages/core/src/tracking/spinner.ts': "import 'log-update';" },
  'tests-are-not-imported': { 'packages/models/src/test-user.ts': "import './models.test.js';" },
  'no-cycles': {
    'packages/models/src/egg.ts': "import { hen } from './hen.js'; export const egg = () => hen;",
    'packages/models/src/hen.ts': "import { egg } from './egg.js'; export const hen = () => egg;",
  },
  'everything-resolves': { 'packages/strategies/src/index.ts': "import '@fedx/core/dist/parameters/arithmetic.js';" },
};

let tree: string;

beforeEach(() => {
  tree = realpathSync(mkdtempSync(join(tmpdir(), 'fedx-boundaries-')));
  symlinkSync(join(repository, 'node_modules'), join(tree, 'node_modules'));
  for (const file of ['.dependency-cruiser.cjs', 'tsconfig.base.json', 'tsconfig.sources.json', 'package.json']) {
    copyFileSync(join(repository, file), join(tree, file));
  }
  plant(cleanTree);
});

afterEach(() => {
  rmSync(tree, { recursive: true, force: true });
});

function plant(files: Readonly<Record<string, string>>): void {
  for (const [path, source] of Object.entries(files)) {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), `${source}\n`);
  }
}

function violations(): Violation[] {
  const script = join(repository, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const report = execFileSync(process.execPath, [script, 'packages', '--output-type', 'json'], {
    cwd: tree,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  const { summary } = JSON.parse(report) as {
    summary: { violations: { rule: { name: string }; from: string }[] };
  };
  return summary.violations.map(({ rule, from }) => ({ rule: rule.name, from }));
}

describe('the boundaries between packages and rooms', () => {
  it('let a tree that keeps them pass', () => {
    expect(violations()).toEqual([]);
  });

  it('have a planted violation for every rule', () => {
    expect(Object.keys(planted).sort()).toEqual(forbidden.map(({ name }) => name).sort());
  });

  it('are noticed by their own rule when crossed', () => {
    for (const files of Object.values(planted)) plant(files);
    const found = violations();
    const unnoticed = Object.entries(planted)
      .filter(([rule, files]) => !found.some((violation) => violation.rule === rule && violation.from in files))
      .map(([rule]) => rule);
    expect(unnoticed).toEqual([]);
    const plantedFiles = new Set(Object.values(planted).flatMap((files) => Object.keys(files)));
    expect(found.filter(({ from }) => !plantedFiles.has(from))).toEqual([]);
  });
});
