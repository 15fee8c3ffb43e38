import type { LoopDefinition } from '@fedx/compiler';
import type { Engine } from '../engines/index.js';
import type { Program } from '../runtime/index.js';

/** The programs that an engine has compiled, by what they do. */
export type Programs = Map<string, Promise<Program>>;

/**
 * An engine that compiles each loop once. `key` names all that the traced functions depend on: the plugins, their
 * options, and the random stream that they were made with; what else a loop is can be read from its definition.
 * Arms and sweep points whose loops are the same then share one program and its tracing.
 */
export function compileOnce(engine: Engine, programs: Programs, key: readonly unknown[]): Engine {
  return {
    ...engine,
    compile(loop) {
      const name = JSON.stringify([key, signature(loop)]);
      const program = programs.get(name) ?? engine.compile(loop);
      programs.set(name, program);
      return program;
    },
  };
}

/** A loop's inputs and tables; what its step computes with them is not in here. */
function signature({
  batchSize,
  tables,
  carried,
  constants,
  perStep,
  noise,
  isShort,
  isSummed,
}: LoopDefinition): unknown {
  return {
    batchSize,
    carried,
    constants,
    perStep,
    isShort,
    isSummed,
    // The tables of noise are the same in all programs.
    window: noise?.window,
    tables: tables.map(({ content, ...table }) => ({ ...table, file: 'file' in content ? content : undefined })),
  };
}
