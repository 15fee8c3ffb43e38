/** How fast a journal is read, beside the JSON parser alone, which nothing that reads JSON can beat. */
import { mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readJournal } from '@fedx/core/host';
import type { JournalEntry } from '../../packages/core/dist/runs/index.js';
import { encodeLine } from '../../packages/core/dist/runs/journal-line.js';
import { repository } from '../driver/machine.js';
import { ownProcessorSeconds, processorSeconds } from '../driver/processor-time.js';
import { atLeast, figure, type Section, seriesTable } from '../driver/report.js';
import { median, ratio } from '../driver/statistics.js';
import type { Bench } from '../driver/turns.js';
import { fedxProgram } from '../seed/command.js';

const BYTES = 32e6;

/** Journals by what their rounds hold. */
const kinds: Readonly<Record<string, readonly string[]>> = {
  'every round evaluated': [],
  'every tenth round evaluated': ['evaluate.every=10'],
};

type Round = JournalEntry & { readonly type: 'step-completed' };

/** What a run of the seed experiment noted of its rounds. */
async function roundsOfARun(bench: Bench, overrides: readonly string[]): Promise<readonly Round[]> {
  const directory = await mkdtemp(join(bench.scratch, 'journal-'));
  const spec = join(repository, 'experiments/noniid-mnist.yaml');
  const options = ['controls=[]', 'expect=[]', 'server.rounds=20', 'tracking.mlflow=off', ...overrides];
  const program = fedxProgram(directory, spec, ...options, '--json');
  await processorSeconds({ ...program, environment: { FEDX_CACHE: join(bench.scratch, 'cache') } });
  const runs = join(directory, '.fedx/runs');
  const [run = ''] = await readdir(runs);
  const rounds: Round[] = [];
  for await (const entry of readJournal(join(runs, run, 'events.jsonl')))
    if (entry.type === 'step-completed') rounds.push(entry);
  return rounds;
}

/** A journal of these rounds, one after the other until it is long, each with the numbers of its place. */
function longJournal(rounds: readonly Round[]): Buffer {
  const lines: Buffer[] = [];
  for (let size = 0; size < BYTES; ) {
    for (const round of rounds) {
      const sequence = lines.length + 1;
      const line = encodeLine({ ...round, sequence, armSequence: sequence });
      lines.push(line);
      size += line.length;
    }
  }
  return Buffer.concat(lines);
}

export async function measureJournal(bench: Bench): Promise<Section> {
  const directory = join(bench.scratch, 'journals');
  await mkdir(directory, { recursive: true });
  const sections: string[] = [];
  const verdicts: Section['verdicts'][number][] = [];
  for (const [kind, overrides] of Object.entries(kinds)) {
    bench.log(`journal: writing one, ${kind}`);
    const bytes = longJournal(await roundsOfARun(bench, overrides));
    const path = join(directory, `${overrides.length}.jsonl`);
    await writeFile(path, bytes);
    const lines = bytes.toString('latin1').trimEnd().split('\n');
    const contenders: Readonly<Record<string, () => Promise<number>>> = {
      'JSON.parse, the lines in memory': () =>
        Promise.resolve(lines.filter((line) => JSON.parse(line) !== null).length),
      'readJournal, from the file': async () => {
        let count = 0;
        for await (const { type } of readJournal(path)) if (type === 'step-completed') count++;
        return count;
      },
    };
    const series = new Map<string, number[]>(Object.keys(contenders).map((name) => [name, []]));
    // The first turn is a warm-up.
    for (let turn = 0; turn <= bench.turns; turn++) {
      bench.log(`journal: turn ${turn} of ${bench.turns}, ${kind}`);
      for (const [name, read] of Object.entries(contenders)) {
        const seconds = await ownProcessorSeconds(async () => {
          if ((await read()) !== lines.length) throw new Error(`${name} has not read all of ${path}.`);
        });
        if (turn > 0) series.get(name)?.push(bytes.length / 1e6 / seconds);
      }
    }
    const [alone = [], reader = []] = [...series.values()];
    const rows = [...series].map(([name, own]) => ({
      name,
      series: own,
      comparison: `${figure(ratio(own, alone))}x`,
    }));
    sections.push(
      `A journal with ${kind}: ${lines.length.toLocaleString('en')} lines of ${Math.round(bytes.length / lines.length)} bytes.`,
      seriesTable('MB a second of the processor', 'of JSON.parse', rows),
    );
    verdicts.push(atLeast(`a journal is read, ${kind}`, 100, median(reader), ' MB/s'));
  }
  return { title: 'Reading a journal', body: sections, verdicts, versions: {} };
}
