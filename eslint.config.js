import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

const banned = {
  enum: {
    selector: 'TSEnumDeclaration',
    message: 'Use a union of string literals.',
  },
  defaultExport: {
    selector: 'ExportDefaultDeclaration',
    message: 'Export by name: a default export has no name to search for. Plugins and configuration files may.',
  },
  bareError: {
    selector: "ThrowStatement > NewExpression[callee.name='Error']",
    message: 'Throw an error with a code from the catalogue: the user is told what happened, where, and what to do.',
  },
};

export default defineConfig(
  globalIgnores(['**/dist/', '**/*_pb.ts', '**/.fedx/', 'coverage/', 'experiments/**/runs/']),
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        project: ['packages/*/tsconfig.json', 'tsconfig.test.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: 'error',
      'no-console': 'error',
      // TypeScript knows what is defined, in JavaScript files too.
      'no-undef': 'off',
      // Text from a spec is shown on a terminal: we do look for control characters.
      'no-control-regex': 'off',
      'max-lines': ['error', { max: 400 }],
      'no-restricted-syntax': ['error', banned.enum, banned.defaultExport],
      '@typescript-eslint/consistent-type-exports': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // Over a typed array an indexed loop takes a thirtieth of the time of for-of.
      '@typescript-eslint/prefer-for-of': 'off',
      // It would ask for the `!` that we ban.
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-empty-function': ['error', { allow: ['arrowFunctions', 'methods'] }],
      '@typescript-eslint/dot-notation': ['error', { allowIndexSignaturePropertyAccess: true }],
      // Our objects are records of functions that never look at `this`: they may be taken apart.
      '@typescript-eslint/unbound-method': 'off',
      // A number in a message is what it looks like.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/restrict-plus-operands': ['error', { allowNumberAndString: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      // `async` also turns a throw into a rejection, which is what a contract that returns a promise asks for.
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    files: ['packages/*/src/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: { 'no-restricted-syntax': ['error', banned.enum, banned.defaultExport, banned.bareError] },
  },
  {
    files: [
      '**/*.config.{js,ts}',
      'examples/**/*.ts',
      'experiments/papers/plugins/*.ts',
      'packages/cli/templates/**/*.ts',
      'tests/**/plugins/*.ts',
      'tests/count-reporter.ts',
      'tests/longest-first.ts',
    ],
    rules: { 'no-restricted-syntax': ['error', banned.enum] },
  },
  {
    files: ['**/*.test.ts'],
    rules: {
      // A literal tree of cases reads better than the types that would describe it.
      '@typescript-eslint/no-unsafe-assignment': 'off',
    },
  },
  {
    // Programs that talk to whoever started them.
    files: ['bench/**', 'experiments/**', 'packages/*/bin/*.js'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['**/*.js', '**/*.cjs'],
    rules: {
      '@typescript-eslint/explicit-module-boundary-types': 'off',
      // The rule does not see a type that is asserted in a comment.
      '@typescript-eslint/no-unsafe-assignment': 'off',
    },
  },
  {
    files: ['**/*.cjs'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { sourceType: 'commonjs', globals: { module: 'writable' } },
  },
);
