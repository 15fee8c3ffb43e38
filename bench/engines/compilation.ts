/** What compiling a model takes, in a new process each time. */
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { CompilationReply, Took } from '../contenders/fedx-compilation.js';
import { start } from '../driver/child.js';
import { cores, onCores, repository } from '../driver/machine.js';
import { atMost, figure, type Section, table } from '../driver/report.js';
import { median } from '../driver/statistics.js';
import { type Bench, fewerTurns, node } from '../driver/turns.js';
import { workloadSpec } from '../workloads/workload.js';

/** The models that ship with fedx, by their names in a spec. */
const models = ['softmax-regression', 'mlp', 'mcmahan-2nn', 'lenet', 'mcmahan-cnn', 'resnet-gn', 'lstm-classifier'];

/**
 * Every model's local training and evaluation, for MNIST and batches of 32, on the engine ONNX: on as many cores as a run
 * has, where V8 compiles what is hot beside it, and on one.
 */
export async function measureCompilation(bench: Bench): Promise<Section> {
  const folder = join(bench.scratch, 'compilation');
  await mkdir(folder, { recursive: true });
  const turns = fewerTurns(bench.turns);
  const places = [cores, 1].map((count) => ({
    count,
    name: count === 1 ? 'on one core' : `on ${count} cores`,
    replies: new Map<string, CompilationReply[]>(),
  }));
  for (let turn = 1; turn <= turns; turn++) {
    bench.log(`compilation: turn ${turn} of ${turns}`);
    for (const model of models)
      for (const { count, replies } of places)
        replies.set(model, [...(replies.get(model) ?? []), await compileOnce(folder, model, count)]);
  }
  const all = places.flatMap(({ replies }) => [...replies.values()].flat());
  const slowest = (replies: ReadonlyMap<string, readonly CompilationReply[]>): number =>
    Math.max(...[...replies.values()].map((own) => milliseconds(own, 'cold', 'wall'))) / 1000;
  return {
    title: 'Compiling a model for ONNX: local training and evaluation',
    body: [
      ...places.map(({ name, replies }) =>
        table(
          [name, 'cold, ms', 'of the processor', 'warm, ms', 'of the processor', 'another arm, ms'],
          [...replies].map(([model, own]) => [
            model,
            ...(['cold', 'warm'] as const)
              .flatMap((part) => [milliseconds(own, part, 'wall'), milliseconds(own, part, 'processor')])
              .map(figure),
            figure(milliseconds(own, 'anotherArm', 'wall')),
          ]),
        ),
      ),
      `Medians of ${turns} new processes each. Cold: the first compilation of a process, which has loaded tfjs and the compiler before (${figure(milliseconds(all, 'loading', 'wall'))} ms, once a run, whatever the model). Warm: the same once more. Another arm of the run shares the programs.`,
    ],
    verdicts: places.map(({ name, replies }) =>
      atMost(`the slowest built-in model compiles within, ${name}`, 0.5, slowest(replies), ' s'),
    ),
    versions: {},
  };
}

function milliseconds(replies: readonly CompilationReply[], part: keyof CompilationReply, time: keyof Took): number {
  return median(replies.map((reply) => reply[part][time] * 1000));
}

async function compileOnce(folder: string, model: string, count: number): Promise<CompilationReply> {
  const command = node('fedx-compilation.ts', folder, workloadSpec('seed'), `model={ use: ${model} }`);
  const child = start({ command: onCores(count, command), directory: repository });
  child.process.stdin.end();
  const [line] = (await Promise.race([once(child.lines, 'line'), child.ended.then(() => [''])])) as [string];
  await child.ended;
  return JSON.parse(line) as CompilationReply;
}
