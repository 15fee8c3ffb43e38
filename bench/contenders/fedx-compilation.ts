/**
 * What compiling a model takes on the engine ONNX, as one line of JSON with seconds, on the clock and of the processor.
 *
 *     fedx-compilation.ts FOLDER SPEC [path=value…]
 *
 * Compiled is what an arm of `fedx run` needs: local training and evaluation.
 */
import { writeFile } from 'node:fs/promises';
import { createEngine } from '../../packages/core/dist/engines/index.js';
import { compileArm } from '../../packages/core/dist/experiment/arms/compile-arm.js';
import type { Programs } from '../../packages/core/dist/experiment/programs.js';
import { tablesOf } from '../../packages/core/dist/programs/index.js';
import { inputsFile, loadExperiment } from '../workloads/workload.js';

export interface Took {
  readonly wall: number;
  readonly processor: number;
}

/** What the line holds. */
export interface CompilationReply {
  /** tfjs and the compiler, once a process. */
  readonly loading: Took;
  /** The first compilation of the process. */
  readonly cold: Took;
  /** The same programs once more, compiled anew. */
  readonly warm: Took;
  /** Another arm of the same run, the control `centralized`, which shares the programs. */
  readonly anotherArm: Took;
}

async function timed(work: () => Promise<unknown>): Promise<Took> {
  const [start, used] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(used);
  return { wall: (performance.now() - start) / 1000, processor: (user + system) / 1e6 };
}

const [folder = '', file = '', ...overrides] = process.argv.slice(2);
const experiment = await loadExperiment(file, [...overrides, 'controls=[centralized]']);
const { signal } = new AbortController();
const engine = createEngine(
  { name: 'onnx' },
  {
    workers: 1,
    signal,
    directory: folder,
    writeFile,
    readTable: () => Promise.reject(new Error('Only the eager engine reads tables.')),
  },
);

const compile = (arm: number, programs: Programs) => async (): Promise<void> => {
  const plan = experiment.arms[arm];
  if (plan === undefined) throw new Error(`${file} has no arm ${arm}.`);
  const tables = tablesOf(experiment.data.dataset, inputsFile);
  await compileArm(experiment, plan, tables, { engine, programs, cache: folder, signal, log: () => undefined });
};

const programs: Programs = new Map();
const reply: CompilationReply = {
  loading: await timed(() => import('@fedx/compiler')),
  cold: await timed(compile(0, programs)),
  anotherArm: await timed(compile(1, programs)),
  warm: await timed(compile(0, new Map())),
};
console.log(JSON.stringify(reply));
await engine.close();
