/** Peak memory of a program with everything that it starts. */
import { readdirSync, readFileSync } from 'node:fs';
import { platform } from 'node:os';

/**
 * The processes of a measured program carry this variable, daemons that left the tree among them. A process may
 * overwrite it with a title (Ray's workers do), so that children of known processes count as well.
 */
const marker = 'FEDX_BENCH_TREE';

const intervalMilliseconds = 100;

/** Highest sums over the tree, in bytes. PSS counts a page that n processes map as 1/n in each; RSS counts it in full. */
export interface Peak {
  readonly pss: number;
  readonly rss: number;
}

export const canMeasureMemory = platform() === 'linux';

export interface MemoryWatch {
  /** What the program must find in its environment. */
  readonly environment: Readonly<Record<string, string>>;
  stop(): Peak;
}

/**
 * Samples the tree every 100 ms from /proc/PID/smaps_rollup. That takes time from what is measured, so that a
 * program is never timed while it is watched.
 */
export function watchMemory(): MemoryWatch {
  const name = `${process.pid}-${performance.now()}`;
  const known = new Set<string>();
  const belongs = (pid: string): boolean => {
    const found =
      known.has(pid) ||
      read(`/proc/${pid}/environ`).includes(`${marker}=${name}\0`) ||
      known.has(parentOf(read(`/proc/${pid}/stat`)));
    if (found) known.add(pid);
    return found;
  };
  let peak: Peak = { pss: 0, rss: 0 };
  const sample = () => {
    let [pss, rss] = [0, 0];
    for (const pid of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
      if (!belongs(pid)) continue;
      const rollup = read(`/proc/${pid}/smaps_rollup`);
      pss += kilobytes(rollup, 'Pss') * 1024;
      rss += kilobytes(rollup, 'Rss') * 1024;
    }
    peak = { pss: Math.max(peak.pss, pss), rss: Math.max(peak.rss, rss) };
  };
  const timer = setInterval(sample, intervalMilliseconds);
  return {
    environment: { [marker]: name },
    stop() {
      clearInterval(timer);
      return peak;
    },
  };
}

/** `stat` is `pid (title) state ppid …`, and a title may hold anything. */
function parentOf(stat: string): string {
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? '';
}

function kilobytes(rollup: string, field: string): number {
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(rollup)?.[1] ?? 0);
}

/** Empty where the process is gone, or is not ours to look at. */
function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
