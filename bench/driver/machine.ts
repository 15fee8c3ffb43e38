/** What the figures were measured on, and which cores a measured program may use. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { arch, cpus, platform, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const repository = fileURLToPath(new URL('../..', import.meta.url));

/** Cores that the all-cores part gives everyone: Flower's two actors, JAX's two devices, our two workers. */
export const cores = 2;

const taskset = ['taskset', '-c'] as const;
const canPin = platform() === 'linux' && spawnSync(taskset[0], [taskset[1], '0', 'true']).status === 0;

/** `command`, kept on `count` cores from `first` on where the system has `taskset`. */
export function onCores(count: number, command: readonly string[], first = 0): string[] {
  const list = Array.from({ length: count }, (_, core) => first + core).join(',');
  return canPin && cpus().length >= first + count ? [...taskset, list, ...command] : [...command];
}

/** The Python that has the peers' requirements; see peers/README.md. */
export function findPython(): string {
  const python = process.env['FEDX_BENCH_PYTHON'] ?? join(repository, 'bench/.venv/bin/python');
  if (existsSync(python)) return python;
  throw new Error(`There is no ${python}. Install the peers (bench/peers/README.md) or set FEDX_BENCH_PYTHON.`);
}

/** One line, e.g. `AMD EPYC, 2 cores, 24 GiB, linux x64; one-thread programs pinned with taskset`. */
export function describeMachine(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  const memory = Math.round(totalmem() / 2 ** 30);
  const pinning = canPin ? 'programs pinned with taskset' : 'programs not pinned: there is no taskset';
  return `${model}, ${cpus().length} cores, ${memory} GiB, ${platform()} ${arch()}; ${pinning}`;
}
