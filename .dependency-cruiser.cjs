/**
 * The arrows between packages and rooms, from docs/architecture.md: cli -> built-ins -> core -> {compiler, mlflow-js-client}.
 * tests/architecture plants a violation of every rule, so that a rule that stopped biting is noticed.
 */
const builtIns = '(datasets|models|partitioners|strategies)';
const test = '\\.test\\.ts$';
/** What only the tests of a package share. */
const testing = '^packages/[^/]+/testing/';
const tfjs = 'node_modules/@tensorflow/';
const typeOnly = ['type-only'];

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'compiler-knows-no-fedx',
      comment: 'The compiler turns a tfjs function into bytes; it knows nothing of federated learning.',
      severity: 'error',
      from: { path: '^packages/compiler/' },
      to: { path: '^packages/', pathNot: '^packages/compiler/' },
    },
    {
      name: 'mlflow-client-knows-no-fedx',
      comment: 'The client of MLflow is useful alone; it knows nothing of this repository.',
      severity: 'error',
      from: { path: '^packages/mlflow-js-client/' },
      to: { path: '^packages/', pathNot: '^packages/mlflow-js-client/' },
    },
    {
      name: 'core-imports-only-what-is-below',
      comment: 'Built-ins and the command line depend on core, never the other way round.',
      severity: 'error',
      from: { path: '^packages/core/' },
      to: { path: '^packages/', pathNot: '^packages/(core|compiler|mlflow-js-client)/' },
    },
    {
      name: 'built-ins-use-the-public-door',
      comment:
        'A built-in imports `@fedx/core` only, as a stranger’s plugin would. What it lacks there is missing there.',
      severity: 'error',
      from: { path: `^packages/${builtIns}/`, pathNot: [test, testing] },
      to: { path: '^packages/', pathNot: ['^packages/$1/', '^packages/core/src/index\\.ts$'] },
    },
    {
      name: 'built-in-tests-use-public-doors',
      comment: 'The tests of a built-in may also use the conformance suites.',
      severity: 'error',
      from: { path: `^packages/${builtIns}/(testing/|.*${test})` },
      to: { path: '^packages/', pathNot: ['^packages/$1/', '^packages/core/src/(index|testing)\\.ts$'] },
    },
    {
      name: 'packages-meet-at-their-doors',
      comment: 'No deep imports: another package is entered by what its `exports` name.',
      severity: 'error',
      from: { path: '^packages/([^/]+)/' },
      to: {
        path: '^packages/',
        pathNot: ['^packages/$1/', '^packages/[^/]+/src/index\\.ts$', '^packages/core/src/(host|testing)\\.ts$'],
      },
    },
    {
      name: 'rooms-meet-at-their-index',
      comment: 'Inside core, another room is entered by an index.ts: its own, or that of a folder in it.',
      severity: 'error',
      from: { path: '^packages/core/src/([^/]+)/' },
      to: {
        path: '^packages/core/src/[^/]+/',
        pathNot: ['^packages/core/src/$1/', '^packages/core/src/.+/index\\.ts$'],
      },
    },
    {
      name: 'tfjs-runs-in-engines-and-layers-only',
      comment:
        'Loading tfjs takes long; outside engines/ and what is made from layers core knows its types alone, so that checking a spec stays quick.',
      severity: 'error',
      from: { path: '^packages/core/src/', pathNot: ['^packages/core/src/(?:engines|layers)/', test] },
      to: { path: tfjs, dependencyTypesNot: typeOnly },
    },
    {
      name: 'built-ins-are-handed-tfjs',
      comment:
        'A plugin gets `tf` as an argument: importing it would load a second copy, and load it for validation too.',
      severity: 'error',
      from: { path: `^packages/${builtIns}/`, pathNot: test },
      to: { path: tfjs, dependencyTypesNot: typeOnly },
    },
    {
      name: 'container-in-compose-root-only',
      comment: 'tsyringe wires the parts in one file; everything else takes its collaborators as arguments.',
      severity: 'error',
      from: { path: '^packages/', pathNot: '^packages/core/src/compose-root\\.ts$' },
      to: { path: 'node_modules/(tsyringe|reflect-metadata)/' },
    },
    {
      name: 'terminal-in-cli-only',
      comment: 'Only the command line draws on the terminal.',
      severity: 'error',
      from: { path: '^packages/', pathNot: '^packages/cli/' },
      to: { path: 'node_modules/(@oclif|log-update|cli-table3)/' },
    },
    {
      name: 'tests-are-not-imported',
      severity: 'error',
      from: { path: '^packages/' },
      to: { path: test },
    },
    {
      name: 'no-cycles',
      comment: 'Types may refer to each other in a circle; code may not.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: typeOnly } },
    },
    {
      name: 'everything-resolves',
      comment: 'Also what keeps `@fedx/core/dist/…` out: the packages’ `exports` do not name it.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    exclude: { path: '^packages/[^/]+/dist/' },
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.sources.json' },
    tsPreCompilationDeps: 'specify',
    combinedDependencies: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['types', 'import', 'node', 'default'],
      mainFields: ['module', 'main', 'types'],
    },
  },
};
