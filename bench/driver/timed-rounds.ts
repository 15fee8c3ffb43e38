/** Commands that write a line a round. */
import { type Program, start } from './child.js';
import { cores, onCores } from './machine.js';
import { median } from './statistics.js';
import { type Bench, peer, type Workload } from './turns.js';

/** A program, and which of its lines ends a round. */
export interface RoundProgram extends Program {
  readonly isRound: RegExp;
}

/** When a command wrote the lines of its rounds. */
export interface Timed {
  /** Seconds from starting the process to the first round's line. */
  readonly first: number;
  /** Median seconds from a round's line to the next. */
  readonly steady: number;
}

/** Flower's simulation of a workload, on all cores. */
export function flower(
  bench: Bench,
  { data }: Workload,
  rounds: number,
  ...options: readonly '--train-only'[]
): RoundProgram {
  return {
    command: onCores(cores, [...peer(bench, 'flower_simulation.py'), data, String(rounds), ...options]),
    directory: bench.scratch,
    isRound: /^{"round"/,
  };
}

export async function timeRounds({ isRound, ...program }: RoundProgram, rounds: number): Promise<Timed> {
  const from = performance.now();
  const child = start(program);
  const at: number[] = [];
  child.lines.on('line', (line) => {
    if (isRound.test(line)) at.push((performance.now() - from) / 1000);
  });
  child.process.stdin.end();
  await child.ended;
  if (at.length !== rounds) throw new Error(`${program.command.join(' ')} wrote ${at.length} rounds, not ${rounds}.`);
  return { first: at[0] ?? NaN, steady: median(at.slice(1).map((time, round) => time - (at[round] ?? NaN))) };
}
