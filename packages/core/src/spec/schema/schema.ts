import { environmentSchema } from './environment-schema.js';
import { evaluateSchema } from './evaluation-schema.js';
import { expectationSchema } from './expectation-schema.js';
import type { JsonSchema } from './json-schema.js';
import { sweepSchema } from './sweep-schema.js';
import { trainingOptions } from './training-schema.js';

/** What a name may hold, as it becomes part of a folder's name. */
const name = {
  type: 'string',
  pattern: '^(?!\\.)[A-Za-z0-9._-]{1,100}$',
  expected: '1 to 100 characters of A-Z a-z 0-9 . _ - that do not start with a dot',
} as const;

const seed = { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER } as const;

const use = {
  type: 'string',
  minLength: 1,
  expected: 'the name of a plugin',
  description: 'Name of the plugin; its options stand beside it.',
} as const;

/** A path that begins with `.`, `/` or a drive, or the name of an npm package with a path inside it. No URL, no `node:`. */
const pluginPattern =
  '^(\\.{1,2}[/\\\\][^\\0]+|/[^\\0]+|[A-Za-z]:[/\\\\][^\\0]+|(@[\\w.~-]+/)?[\\w~-][\\w.~-]*(/[\\w~-][\\w.~-]*)*)$';

/** A choice of plugin; its options stand beside `use` and are checked against the plugin's own schema. */
function slot(description: string): JsonSchema {
  return { type: 'object', description, expected: 'a mapping with use', required: ['use'], properties: { use } };
}

/** A slot that has a plugin where the spec chooses none. */
function slotWithDefault(description: string, plugin: string): JsonSchema {
  return {
    type: 'object',
    description,
    expected: 'a mapping with use',
    default: {},
    properties: { use: { ...use, default: plugin } },
  };
}

const client: JsonSchema = {
  type: 'object',
  description: 'How a client trains.',
  additionalProperties: false,
  required: ['optimizer'],
  properties: {
    epochs: { ...trainingOptions.epochs, default: 1 },
    steps: trainingOptions.steps,
    batchSize: { ...trainingOptions.batchSize, default: 32 },
    lastBatch: { ...trainingOptions.lastBatch, default: 'keep' },
    optimizer: slot('The local optimizer.'),
    schedule: slotWithDefault('How the learning rate changes.', 'constant'),
    clip: { ...trainingOptions.clip, default: {} },
    optimizerState: { ...trainingOptions.optimizerState, default: 'reset' },
    onFailure: { ...trainingOptions.onFailure, default: 'fail' },
    timeout: trainingOptions.timeout,
    maxUpdateNorm: trainingOptions.maxUpdateNorm,
  },
};

const controlNames = ['iid', 'centralized', 'local-only'] as const;

const control: JsonSchema = {
  description: 'A control arm by name, or an overlay { use, name, client, epochs | match }.',
  if: { type: 'string' },
  then: { enum: controlNames },
  else: {
    type: 'object',
    expected: 'iid, centralized, local-only or a mapping with use',
    additionalProperties: false,
    required: ['use'],
    properties: {
      use: { enum: controlNames, description: 'Which control.' },
      name: { ...name, description: 'Name of the arm; default: the control.' },
      epochs: {
        type: 'integer',
        minimum: 1,
        maximum: 1_000_000,
        description: 'centralized only: epochs over the union of the clients. Default: matched to the federation.',
      },
      match: {
        enum: ['examples', 'steps'],
        description:
          'centralized only, instead of epochs: as many examples as the federation sees (default), or as many sequential steps as its busiest client takes; rounded to whole epochs.',
      },
      client: {
        type: 'object',
        description: 'Laid over the client of the federated run, key by key.',
        additionalProperties: false,
        properties: {
          ...trainingOptions,
          optimizer: {
            type: 'object',
            description: 'Another use replaces the optimizer; without one, options are laid over it.',
            properties: { use },
          },
          schedule: {
            type: 'object',
            description: 'Another use replaces the schedule; without one, options are laid over it.',
            properties: { use },
          },
        },
      },
    },
  },
};

/** What each random stream decides. */
const streams = {
  data: 'Which images are test and validation images.',
  partition: 'Which client has which images.',
  init: 'The initial parameters.',
  cohort: 'Which clients take part in a round.',
  batches: 'The order of the examples in local training.',
  environment: 'Who straggles, drops out and attacks, and what attackers send.',
  noise: 'What transforms draw.',
} as const;

/** The structure of a spec: keys, types, ranges and defaults. Options of plugins are not in here. */
export const specSchema: JsonSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'A fedx experiment',
  type: 'object',
  additionalProperties: false,
  required: ['apiVersion', 'name', 'dataset', 'partition', 'model', 'client', 'server'],
  properties: {
    apiVersion: { const: 'fedx/v1', description: 'Version of this format.' },
    name: { ...name, description: 'Name of the experiment; becomes part of the run folder.' },
    extends: {
      description: 'Specs that this one is laid over, by path: one, or a list of which later ones win.',
      anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }],
    },
    directory: {
      type: 'string',
      description:
        'Where relative paths in this file start, itself relative to the file; default: the folder of the file.',
    },
    seed: {
      ...seed,
      default: 1,
      description: 'All random streams derive from it: the same spec and seed give the same bits on the same machine.',
    },
    seeds: {
      type: 'object',
      description: 'Pins single random streams while seed varies; a stream that is not pinned derives from seed.',
      additionalProperties: false,
      default: {},
      properties: Object.fromEntries(
        Object.entries(streams).map(([stream, description]) => [stream, { ...seed, description }]),
      ),
    },
    plugins: {
      type: 'array',
      description: 'Plugin files, relative to the spec (./my-strategy.ts), or package names.',
      items: {
        type: 'string',
        pattern: pluginPattern,
        maxLength: 4096,
        description: 'A file from the folder of the spec, or a package name.',
        expected: 'a file (./my-strategy.ts) or the name of a package',
      },
      default: [],
    },
    dataset: slot('The labelled examples.'),
    partition: slot('How the examples are spread over clients.'),
    holdout: {
      type: 'object',
      description: 'Shares of each label that are set aside before anything is partitioned, stratified by label.',
      additionalProperties: false,
      default: {},
      properties: {
        test: {
          type: 'number',
          exclusiveMinimum: 0,
          exclusiveMaximum: 1,
          description:
            'Share of each label for the test set. Default 1/7; not given where the dataset brings its own test set (dataset.split: standard).',
        },
        validation: {
          type: 'number',
          minimum: 0,
          exclusiveMaximum: 1,
          default: 0,
          description:
            'Share of each label for the validation set: for choices between settings, which never look at the test set.',
        },
      },
    },
    model: slot('What is trained.'),
    client,
    strategy: slotWithDefault('How the server aggregates.', 'fedavg'),
    transforms: {
      type: 'array',
      description: 'What is done, in order, to all that a client sends.',
      maxItems: 16,
      items: slot('A transform.'),
      default: [],
    },
    environment: environmentSchema(slot('What the attackers do.')),
    server: {
      type: 'object',
      description: 'What the server does each round.',
      additionalProperties: false,
      required: ['rounds'],
      properties: {
        rounds: { type: 'integer', minimum: 1, maximum: 1_000_000, description: 'Communication rounds.' },
        cohort: slotWithDefault('Which clients take part in a round.', 'all'),
        weights: {
          enum: ['examples', 'uniform'],
          description: 'What an update weighs in the mean; default: as the strategy says.',
        },
        minimumCohort: {
          type: 'integer',
          minimum: 1,
          default: 1,
          description: 'The run fails where fewer clients of a round are left.',
        },
        maxSeconds: {
          type: 'number',
          exclusiveMinimum: 0,
          maximum: 1_000_000,
          description:
            'Seconds after which the run is interrupted, with checkpoints; fedx resume goes on for as long again. Never changes results.',
        },
        stop: {
          type: 'object',
          description: 'Ends the federation before its last round.',
          expected: 'a mapping with metric, and at or patience',
          additionalProperties: false,
          required: ['metric'],
          minProperties: 2,
          properties: {
            metric: { type: 'string', minLength: 1, description: 'A metric key, e.g. validation/accuracy.' },
            at: { type: 'number', description: 'Ends where the metric reaches it; a loss from above.' },
            patience: {
              type: 'integer',
              minimum: 1,
              description: 'Ends where the metric has not become better for so many evaluations.',
            },
          },
        },
      },
    },
    controls: { type: 'array', description: 'Arms to compare with, on the same images.', items: control, default: [] },
    evaluate: evaluateSchema(slot('A metric; its name becomes part of its keys, such as test/macro-f1.')),
    checkpoint: {
      type: 'object',
      description: 'When the arms save what decides their future, so that a run can be resumed.',
      additionalProperties: false,
      default: {},
      properties: {
        every: {
          description: 'Steps from one checkpoint to the next; auto: as often as costs less than 2 % of the time.',
          anyOf: [{ type: 'integer', minimum: 1, maximum: 1_000_000 }, { const: 'auto' }],
          default: 'auto',
        },
        keep: { type: 'integer', minimum: 1, maximum: 100, default: 2, description: 'The last so many stay.' },
      },
    },
    engine: {
      type: 'object',
      description: 'What computes.',
      additionalProperties: false,
      default: {},
      properties: {
        use: {
          enum: ['auto', 'onnx', 'tensorflow', 'eager'],
          default: 'auto',
          description:
            'onnx: compiled, on worker threads. tensorflow: compiled, on processes, on the GPU where there is one; needs fedx setup tensorflow. eager: plain tfjs in one thread, slow, to debug plugins. auto chooses by capability and the kind of model, never by timing; the choice is written into the resolved spec.',
        },
      },
    },
    executor: {
      type: 'object',
      description: 'Where clients train; never changes results.',
      additionalProperties: false,
      default: {},
      properties: {
        use: { enum: ['worker-pool'], default: 'worker-pool', description: 'Threads of this process.' },
        workers: {
          description: 'Worker threads, 1 to 256; auto is one a core. Results do not depend on it.',
          anyOf: [{ type: 'integer', minimum: 1, maximum: 256 }, { const: 'auto' }],
          default: 'auto',
        },
      },
    },
    sweep: sweepSchema,
    tracking: {
      type: 'object',
      description: 'Where else than in the run folder a run is recorded.',
      additionalProperties: false,
      default: {},
      properties: {
        mlflow: {
          type: 'string',
          // Credentials come from the environment, since a spec is kept in every run folder.
          pattern: '^(auto|off|https?://[^@?#]+)$',
          expected: 'auto, off or the http(s) address of an MLflow server without user name and password',
          default: 'auto',
          description: 'An MLflow server; auto is the one that MLFLOW_TRACKING_URI names, or none.',
        },
        sinks: {
          type: 'array',
          description: 'Plugins that are given all that happens in a run, once it is on disk.',
          maxItems: 16,
          items: slot('A sink.'),
          default: [],
        },
      },
    },
    expect: {
      type: 'array',
      description: 'Results that are checked when the run ends.',
      items: expectationSchema,
      default: [],
    },
  },
};
