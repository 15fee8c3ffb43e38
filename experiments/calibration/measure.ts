import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { FedxError } from '@fedx/core';
import type { RunReport } from '@fedx/core/host';
import { type Candidate, nameOf } from './candidates.js';

/** Accuracy in % by arm, after the last of the federation's 100 rounds or of the centralised arm's 100 epochs. */
export type Accuracies = Readonly<Record<string, number>>;

/** Measured accuracies, by candidate and then by seed. */
export type Results = Record<string, Record<string, Accuracies>>;

const root = new URL('../../', import.meta.url);

/** What is known from earlier calls is kept in `results/<name>.json`: a search that was cut short goes on from there. */
export async function openResults(
  name: string,
): Promise<{ readonly results: Results; readonly save: () => Promise<void> }> {
  const folder = new URL('results/', import.meta.url);
  const file = new URL(`${name}.json`, folder);
  await mkdir(folder, { recursive: true });
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '{}';
    throw error;
  });
  const results = JSON.parse(text) as Results;
  return { results, save: () => writeFile(file, `${JSON.stringify(results, null, 2)}\n`) };
}

/** What to run beside the federation, and on which images to score. */
export interface Measurement {
  readonly controls: readonly string[];
  readonly metric: 'test/accuracy' | 'validation/accuracy';
  /** Further changes to the spec, as `path=value`. */
  readonly overrides: readonly string[];
}

/** Measures each seed that the store lacks, noting each on disk as it is known. */
export async function measureSeeds(
  candidate: Candidate,
  seeds: readonly number[],
  measurement: Measurement,
  { results, save }: Awaited<ReturnType<typeof openResults>>,
): Promise<void> {
  const bySeed = (results[nameOf(candidate)] ??= {});
  for (const seed of seeds) {
    if (bySeed[seed]) continue;
    bySeed[seed] = await measure(candidate, seed, measurement);
    await save();
  }
}

/** The seed experiment with a candidate's hyper-parameters: as typed on the command line, in a process of its own. */
async function measure(
  candidate: Candidate,
  seed: number,
  { controls, metric, overrides }: Measurement,
): Promise<Accuracies> {
  const { runs } = await fedx([
    'run',
    'experiments/noniid-mnist.yaml',
    `seed=${seed}`,
    `model.hidden=[${candidate.hidden}]`,
    `model.activation=${candidate.activation}`,
    `client.batchSize=${candidate.batchSize}`,
    `client.optimizer.learningRate=${candidate.learningRate}`,
    `controls=[${controls.join(', ')}]`,
    'expect=[]',
    ...overrides,
  ]);
  return Object.fromEntries(runs.map(({ arm, metrics }) => [arm, percent(metrics[metric]?.last)]));
}

/** Throws FEDX_INTERNAL with what the command printed where it does not end well. */
function fedx(args: readonly string[]): Promise<RunReport> {
  const command = fileURLToPath(new URL('packages/cli/bin/fedx.js', root));
  const options = { cwd: fileURLToPath(root), maxBuffer: 2 ** 26 };
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [command, ...args, '--json'], options, (error, stdout) => {
      if (error) reject(new FedxError('FEDX_INTERNAL', `fedx ${args.join(' ')} failed: ${stdout}`, { cause: error }));
      else resolve(JSON.parse(stdout) as RunReport);
    });
  });
}

/** To hundredths: one of the 10,000 test images. */
function percent(share = Number.NaN): number {
  return Number((100 * share).toFixed(2));
}
