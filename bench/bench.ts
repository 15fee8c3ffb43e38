/**
 * Compares fedx with its peers: `npm run bench -- BENCH [options]`. BENCH is `seed`, the seed experiment, `engines`,
 * `strategies`, `durability`, `cli`, or `gpu`, which bench/gpu.sh starts.
 *
 *     --only steps,round   some of its parts
 *     --turns N            turns that the contenders take; parts that take long take 5 at most
 *     --write              puts the tables into docs/benchmarks.md
 *
 * docs/benchmarks.md says what is measured, and how.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cli } from './cli/index.js';
import { describeMachine, findPython, repository } from './driver/machine.js';
import { renderReport, type Section, writeBetweenMarkers } from './driver/report.js';
import type { Bench } from './driver/turns.js';
import { durability } from './durability/index.js';
import { engines } from './engines/index.js';
import { gpu } from './gpu/index.js';
import { seed } from './seed/index.js';
import { strategies } from './strategies/index.js';

type Parts = Readonly<Record<string, (bench: Bench) => Promise<Section>>>;

const benches: Readonly<Record<string, Parts>> = { seed, engines, strategies, durability, cli, gpu };

const { values: options, positionals } = parseArgs({
  options: {
    only: { type: 'string' },
    turns: { type: 'string', default: '15' },
    write: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});

const [name = 'seed'] = positionals;
const parts = benches[name];
if (parts === undefined) throw new Error(`${name}: there are ${Object.keys(benches).join(', ')}.`);
const turns = Number(options.turns);
if (!Number.isInteger(turns) || turns < 1)
  throw new Error(`--turns ${options.turns}: a whole number from 1 is needed.`);
const chosen = (options.only?.split(',') ?? Object.keys(parts)).map((only) => {
  const part = parts[only];
  if (part !== undefined) return part;
  throw new Error(`--only ${only}: there are ${Object.keys(parts).join(', ')}.`);
});

const scratch = await mkdtemp(join(tmpdir(), 'fedx-bench-'));
try {
  const bench: Bench = {
    scratch,
    python: findPython,
    turns,
    log: (line) => {
      console.error(line);
    },
  };
  const sections: Section[] = [];
  for (const part of chosen) sections.push(await part(bench));
  const date = new Date().toISOString().slice(0, 10);
  const heading = `${date}, ${turns} turns. ${describeMachine()}. Node ${process.versions.node}.`;
  const report = renderReport(heading, sections);
  console.log(report);
  if (options.write) await writeBetweenMarkers(join(repository, 'docs/benchmarks.md'), name, report);
} finally {
  await rm(scratch, { recursive: true, force: true });
}
