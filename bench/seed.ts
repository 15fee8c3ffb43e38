/**
 * Compares fedx with its peers on the seed experiment's workload: `npm run bench -- [options]`.
 *
 *     --only steps,round,start,spec,tracking   some of the parts
 *     --turns N                       turns that the contenders take; start and spec take 5 at most
 *     --write                         puts the tables into docs/benchmarks.md
 *
 * docs/benchmarks.md says what is measured, and how.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeMachine, findPython, repository } from './machine.js';
import { type Bench, measureRounds, measureSpec, measureStart, measureSteps } from './parts.js';
import { renderReport, type Section, writeBetweenMarkers } from './report.js';
import { measureTracking } from './tracking.js';
import { loadExperiment, writeDataFolder } from './workload.js';

const parts: Readonly<Record<string, (bench: Bench) => Promise<Section>>> = {
  steps: measureSteps,
  round: measureRounds,
  start: measureStart,
  spec: measureSpec,
  tracking: measureTracking,
};

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: Object.keys(parts).join(',') },
    turns: { type: 'string', default: '15' },
    write: { type: 'boolean', default: false },
  },
});

const turns = Number(options.turns);
if (!Number.isInteger(turns) || turns < 1)
  throw new Error(`--turns ${options.turns}: a whole number from 1 is needed.`);
const chosen = options.only.split(',').map((name) => {
  const part = parts[name];
  if (part !== undefined) return part;
  throw new Error(`--only ${name}: there are ${Object.keys(parts).join(', ')}.`);
});

const folder = await mkdtemp(join(tmpdir(), 'fedx-bench-'));
try {
  const bench: Bench = {
    data: join(folder, 'data'),
    scratch: folder,
    python: findPython(),
    turns,
    log: (line) => {
      console.error(line);
    },
  };
  await mkdir(bench.data);
  await writeDataFolder(await loadExperiment(), bench.data);

  const sections: Section[] = [];
  for (const part of chosen) sections.push(await part(bench));
  const date = new Date().toISOString().slice(0, 10);
  const heading = `${date}, ${turns} turns. ${describeMachine()}. Node ${process.versions.node}.`;
  const report = renderReport(heading, sections);
  console.log(report);
  if (options.write) await writeBetweenMarkers(join(repository, 'docs/benchmarks.md'), report);
} finally {
  await rm(folder, { recursive: true, force: true });
}
