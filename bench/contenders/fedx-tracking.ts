/**
 * What a round of a run takes, from the end of its first round to the end of its last, as one line of JSON.
 *
 *     fedx-tracking.ts FOLDER SPEC [path=value…]
 *
 * The run is one of `fedx run` in the folder, without the command line's view.
 */
import { createHost } from '@fedx/core/host';
import { plugins } from '../workloads/workload.js';

/** What the line holds, in milliseconds a round. */
export interface TrackingReply {
  /** On the clock. */
  readonly wall: number;
  /** Of the processor, all threads of the process. */
  readonly processor: number;
}

const [directory = '', file = '', ...overrides] = process.argv.slice(2);
const host = createHost({ plugins, directory });
const ends: { readonly at: number; readonly used: NodeJS.CpuUsage }[] = [];
const { signal } = new AbortController();
await host.run(
  { file, overrides },
  {
    signal,
    onEvent: ({ type }) => {
      if (type === 'step-completed') ends.push({ at: performance.now(), used: process.cpuUsage() });
    },
  },
);
const [first, last] = [ends[0], ends.at(-1)];
if (first === undefined || last === undefined || first === last) throw new Error(`${file} has fewer than two rounds.`);
const rounds = ends.length - 1;
const used = last.used.user + last.used.system - first.used.user - first.used.system;
const reply: TrackingReply = { wall: (last.at - first.at) / rounds, processor: used / 1000 / rounds };
console.log(JSON.stringify(reply));
