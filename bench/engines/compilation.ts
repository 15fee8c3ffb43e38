/** What compiling a model takes, in a new process each time. */
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { CompilationReply, Took } from '../contenders/fedx-compilation.js';
import { start } from '../driver/child.js';
import { onCores, repository } from '../driver/machine.js';
import { atMost, figure, type Section, table } from '../driver/report.js';
import { median } from '../driver/statistics.js';
import { type Bench, fewerTurns, node } from '../driver/turns.js';
import { workloadSpec } from '../workloads/workload.js';

/** The models that ship with fedx, by their names in a spec. */
const models = ['softmax-regression', 'mlp', 'mcmahan-2nn', 'lenet', 'mcmahan-cnn', 'resnet-gn', 'lstm-classifier'];

/** Every model's local training and evaluation, for MNIST and batches of 32, on the engine ONNX. */
export async function measureCompilation(bench: Bench): Promise<Section> {
  const folder = join(bench.scratch, 'compilation');
  await mkdir(folder, { recursive: true });
  const turns = fewerTurns(bench.turns);
  const replies = new Map(models.map((model) => [model, [] as CompilationReply[]]));
  for (let turn = 1; turn <= turns; turn++) {
    bench.log(`compilation: turn ${turn} of ${turns}`);
    for (const [model, own] of replies) own.push(await compileOnce(folder, model));
  }
  const of = (own: readonly CompilationReply[], part: keyof CompilationReply, time: keyof Took): number =>
    median(own.map((reply) => reply[part][time] * 1000));
  const slowest = (time: keyof Took): number =>
    Math.max(...[...replies.values()].map((own) => of(own, 'cold', time))) / 1000;
  return {
    title: 'Compiling a model for ONNX: local training and evaluation',
    body: [
      table(
        ['', 'cold, ms', 'of the processor', 'warm, ms', 'of the processor', 'another arm, ms'],
        [...replies].map(([model, own]) => [
          model,
          ...(['cold', 'warm'] as const)
            .flatMap((part) => [of(own, part, 'wall'), of(own, part, 'processor')])
            .map(figure),
          figure(of(own, 'anotherArm', 'wall')),
        ]),
      ),
      `Medians of ${turns} new processes. Cold: the first compilation of a process, which has loaded tfjs and the compiler before (${figure(of([...replies.values()].flat(), 'loading', 'wall'))} ms, once a run, whatever the model). Warm: the same once more. Another arm of the run shares the programs.`,
    ],
    verdicts: [
      atMost('the slowest built-in model compiles within, on the clock', 0.5, slowest('wall'), ' s'),
      atMost('the slowest built-in model compiles within, of the processor', 0.5, slowest('processor'), ' s'),
    ],
    versions: {},
  };
}

async function compileOnce(folder: string, model: string): Promise<CompilationReply> {
  const command = node('fedx-compilation.ts', folder, workloadSpec('seed'), `model={ use: ${model} }`);
  const child = start({ command: onCores(1, command), directory: repository });
  child.process.stdin.end();
  const [line] = (await Promise.race([once(child.lines, 'line'), child.ended.then(() => [''])])) as [string];
  await child.ended;
  return JSON.parse(line) as CompilationReply;
}
