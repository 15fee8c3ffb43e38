import type { JsonSchema } from './json-schema.js';

/** What a name may hold, as it becomes part of a folder's name. */
const name = {
  type: 'string',
  pattern: '^(?!\\.)[A-Za-z0-9._-]{1,100}$',
  expected: '1 to 100 characters of A-Z a-z 0-9 . _ - that do not start with a dot',
} as const;

const seed = { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER } as const;

const use = { type: 'string', minLength: 1, expected: 'the name of a plugin' } as const;

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

const trainingOptions = {
  epochs: { type: 'integer', minimum: 1, maximum: 10_000, description: 'Local epochs a round.' },
  batchSize: {
    description: 'Examples a step; all is full batch.',
    anyOf: [{ type: 'integer', minimum: 1, maximum: 65_536 }, { const: 'all' }],
  },
  lastBatch: {
    enum: ['keep', 'drop'],
    description: 'What becomes of examples that do not fill a last batch: one short step, or left out for this epoch.',
  },
  optimizerState: { const: 'reset', description: 'Optimizer slots start at zero each round.' },
  clip: {
    type: 'object',
    description: "Bounds on each step's gradient; the strategy's rule is in it.",
    additionalProperties: false,
    properties: {
      norm: {
        type: 'number',
        exclusiveMinimum: 0,
        description: 'Largest Euclidean norm over all parameters; a longer gradient is scaled down to it.',
      },
      value: { type: 'number', exclusiveMinimum: 0, description: 'Largest absolute value of each entry.' },
    },
  },
} as const satisfies Record<string, JsonSchema>;

const client: JsonSchema = {
  type: 'object',
  description: 'How a client trains.',
  additionalProperties: false,
  required: ['optimizer'],
  properties: {
    epochs: { ...trainingOptions.epochs, default: 1 },
    batchSize: { ...trainingOptions.batchSize, default: 32 },
    lastBatch: { ...trainingOptions.lastBatch, default: 'keep' },
    optimizer: slot('The local optimizer.'),
    schedule: slotWithDefault('How the learning rate changes.', 'constant'),
    clip: { ...trainingOptions.clip, default: {} },
    optimizerState: { ...trainingOptions.optimizerState, default: 'reset' },
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
      epochs: { type: 'integer', minimum: 1, maximum: 1_000_000, description: 'centralized: epochs over the union.' },
      match: {
        enum: ['examples', 'steps'],
        description: 'centralized: trains on as many examples as the federation, or for as many steps as one client.',
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

const expectation: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['arm', 'metric', 'within'],
  properties: {
    arm: { type: 'string', description: 'federated, or the name of a control.' },
    metric: { type: 'string', minLength: 1, description: 'A metric key, e.g. test/accuracy.' },
    at: { enum: ['last', 'best'], default: 'last', description: 'Which of its values.' },
    within: {
      type: 'array',
      items: { type: 'number' },
      minItems: 2,
      maxItems: 2,
      expected: 'a list [low, high]',
      description: 'Inclusive bounds.',
    },
  },
};

const streams = ['data', 'partition', 'init', 'cohort', 'batches'] as const;

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
    seed: { ...seed, default: 1, description: 'All random streams derive from it.' },
    seeds: {
      type: 'object',
      description: 'Pins single streams while seed varies.',
      additionalProperties: false,
      default: {},
      properties: Object.fromEntries(streams.map((stream) => [stream, seed])),
    },
    plugins: {
      type: 'array',
      description: 'Plugin files, relative to the spec (./my-strategy.ts), or package names.',
      items: {
        type: 'string',
        pattern: pluginPattern,
        maxLength: 4096,
        expected: 'a file (./my-strategy.ts) or the name of a package',
      },
      default: [],
    },
    dataset: slot('The labelled examples.'),
    partition: slot('How the examples are spread over clients.'),
    holdout: {
      type: 'object',
      description: 'Shares of each label that are split off before partitioning.',
      additionalProperties: false,
      default: {},
      properties: {
        test: {
          type: 'number',
          exclusiveMinimum: 0,
          exclusiveMaximum: 1,
          description: 'Default 1/7; not given where the dataset brings its own test set (dataset.split: standard).',
        },
        validation: {
          type: 'number',
          minimum: 0,
          exclusiveMaximum: 1,
          default: 0,
          description: 'For choices between settings.',
        },
      },
    },
    model: slot('What is trained.'),
    client,
    strategy: slotWithDefault('How the server aggregates.', 'fedavg'),
    server: {
      type: 'object',
      description: 'What the server does each round.',
      additionalProperties: false,
      required: ['rounds'],
      properties: {
        rounds: { type: 'integer', minimum: 1, maximum: 1_000_000, description: 'Communication rounds.' },
        cohort: slotWithDefault('Which clients take part in a round.', 'all'),
      },
    },
    controls: { type: 'array', description: 'Arms to compare with, on the same images.', items: control, default: [] },
    evaluate: {
      type: 'object',
      additionalProperties: false,
      default: {},
      properties: {
        every: {
          type: 'integer',
          minimum: 1,
          maximum: 1_000_000,
          default: 1,
          description: 'Rounds from one evaluation to the next.',
        },
      },
    },
    engine: {
      type: 'object',
      additionalProperties: false,
      default: {},
      properties: { use: { enum: ['auto', 'onnx', 'eager'], default: 'auto', description: 'What computes.' } },
    },
    executor: {
      type: 'object',
      additionalProperties: false,
      default: {},
      properties: {
        use: { enum: ['worker-pool'], default: 'worker-pool', description: 'Where clients train.' },
        workers: {
          description: 'Worker threads; auto is one a core.',
          anyOf: [{ type: 'integer', minimum: 1, maximum: 256 }, { const: 'auto' }],
          default: 'auto',
        },
      },
    },
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
      },
    },
    expect: {
      type: 'array',
      description: 'Results that are checked when the run ends.',
      items: expectation,
      default: [],
    },
  },
};
