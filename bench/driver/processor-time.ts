/** Processor time, which others that use the machine change less than they change time on the clock. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Program, start } from './child.js';

/** Runs a program to its end, in a folder of its own; returns the seconds that it and its children computed. */
export async function processorSeconds({ command, directory, environment = {} }: Program): Promise<number> {
  const times = join(directory, 'processor-time');
  // The shell's own keyword: it counts the children that were waited for, and bash is everywhere that taskset is.
  const script = 'TIMEFORMAT="%U %S"; { time "$@" 2>&3; } 3>&2 2> "$0"';
  const child = start({ command: ['bash', '-c', script, times, ...command], directory, environment });
  child.lines.resume();
  child.process.stdin.end();
  await child.ended;
  const [user = NaN, system = NaN] = (await readFile(times, 'utf8')).trim().split(' ').map(Number);
  return user + system;
}

/** Seconds of the processor that this process takes for `work`. */
export async function ownProcessorSeconds(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}
