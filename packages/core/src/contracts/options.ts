import type { FromSchema, JSONSchema } from 'json-schema-to-ts';
import type { Scalar } from './tensors.js';

/** A plugin's options as JSON Schema (draft-07 subset): validator, defaults, documentation and type at once. */
export interface OptionsSchema {
  readonly type: 'object';
}

/**
 * The type of the options that a schema describes, with defaults applied. Where the schema is not known, as in
 * `Plugin`, they are a record: asking FromSchema there makes TypeScript give up (TS2589) on every assignment.
 */
export type OptionsOf<Schema extends OptionsSchema> = OptionsSchema extends Schema
  ? Record<string, unknown>
  : FromSchema<Schema extends JSONSchema ? Schema : never>;

/** The numeric options of a plugin, as inputs of the compiled program: changing one never recompiles. */
export type HyperOf<Schema extends OptionsSchema> = {
  readonly [Option in keyof OptionsOf<Schema> as OptionsOf<Schema>[Option] extends number | undefined
    ? Option
    : never]-?: Scalar;
};
