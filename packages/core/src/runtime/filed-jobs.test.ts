import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Parameters } from '../contracts/index.js';
import { createFiling, type FiledJob } from './filed-jobs.js';
import type { Job, OpenProgram } from './job.js';
import { createLoans } from './loans.js';
import { onSharedFile } from './on-shared-file.js';
import { createSharedFile, type OwnFile } from './shared-file.js';

const LARGE = 5000;
const SMALL = 3;

let file: OwnFile | undefined;

beforeEach(() => {
  file = createSharedFile();
});

afterEach(() => file?.close());

/** What a worker's programs looked at. */
interface Seen {
  readonly carried: Parameters;
  readonly constants: Parameters;
}

/** A worker's side of the file: its programs give twice what they carry, in the memory that they are given. */
function worker(seen: Seen[] = []): (job: FiledJob) => Promise<object> {
  if (file === undefined) throw new Error('No folder would do.');
  const doubles: OpenProgram = {
    async run({ carried, constants, result }) {
      seen.push({ carried, constants });
      const doubled = Object.entries(carried).map(([name, { shape, data }]) => {
        const out = result?.into?.[name] ?? new Float32Array(data.length);
        data.forEach((value, i) => {
          out[i] = 2 * value;
        });
        return [name, { shape, data: out }];
      });
      return { carried: Object.fromEntries(doubled) as Parameters, stacked: {}, ends: [] };
    },
  };
  const program = onSharedFile(file)(doubles);
  return async (job) => {
    const outcome = await program.run(structuredClone(job), () => false);
    if (outcome === undefined) throw new Error('It was not stopped.');
    return structuredClone(outcome);
  };
}

const tensors = (number: number): Parameters => ({
  small: { shape: [SMALL], data: new Float32Array(SMALL).fill(number) },
  large: { shape: [LARGE], data: new Float32Array(LARGE).fill(number) },
});

const jobOn = (carried: Parameters, isReleased = false): Omit<Job, 'priority'> => ({
  program: { id: 'test', batchSize: 1, draws: 0 },
  carried,
  constants: { rate: { shape: [], data: Float32Array.of(0.5) } },
  schedules: [{ rows: Uint32Array.of(1), epochs: 1, lastBatch: 'keep' }],
  result: { names: ['small', 'large'], asDifferences: false, isReleased },
});

/** Sends a job, has it run, and takes what came of it. */
async function run(
  filing: ReturnType<typeof createFiling>,
  work: ReturnType<typeof worker>,
  job: Omit<Job, 'priority'>,
) {
  const loan = filing(job);
  const outcome = loan.take((await work(loan.job)) as never);
  loan.giveBack();
  return outcome;
}

describe.skipIf(process.platform === 'win32')('a job whose large tensors go through a file', () => {
  it('gives what the program gave, and has no large array in its messages', async () => {
    const filing = createFiling(file);
    const loan = filing(jobOn(tensors(3)));
    expect(loan.job).not.toHaveProperty('carried.large.data');
    expect(loan.job.carried['small']).toEqual(tensors(3)['small']);
    const message = await worker()(loan.job);
    expect(message).toMatchObject({ carried: { small: tensors(6)['small'], large: { shape: [LARGE] } } });
    expect(message).not.toHaveProperty('carried.large.data');
    expect(loan.take(message as never)).toEqual({ carried: tensors(6), stacked: {}, ends: [] });
  });

  it('does not mix two jobs that are on their way at once, in whatever order they are answered', async () => {
    const filing = createFiling(file);
    const work = worker();
    const [one, two] = [filing(jobOn(tensors(1))), filing(jobOn(tensors(2)))];
    const [first, second] = [await work(one.job), await work(two.job)];
    expect(two.take(second as never).carried).toEqual(tensors(4));
    two.giveBack();
    expect((await run(filing, work, jobOn(tensors(50)))).carried).toEqual(tensors(100));
    expect(one.take(first as never).carried).toEqual(tensors(2));
  });

  it('has what several jobs start from written once, and read once by a worker', async () => {
    const filing = createFiling(file);
    const seen: Seen[] = [];
    const work = worker(seen);
    const global = tensors(7);
    const [one, two] = [filing(jobOn(global)), filing({ ...jobOn({ ...global }), constants: global })];
    const sent = one.job.carried['large'];
    expect([two.job.carried['large'], two.job.constants['large']]).toEqual([sent, sent]);
    await work(one.job);
    // Whoever reads now reads zeros.
    if (sent === undefined || !('at' in sent)) throw new Error('It is in the message.');
    expect(file?.write(sent.at, new Float32Array(LARGE))).toBe(true);
    await work(two.job);
    expect(seen.map(({ carried }) => carried['large']?.data[LARGE - 1])).toEqual([7, 7]);
    expect(seen[1]?.constants['large']?.data[LARGE - 1]).toBe(0);
  });

  it('uses the places of jobs that are answered again, so that the file stays as it is over any number of rounds', async () => {
    const filing = createFiling(file);
    const work = worker();
    const end = async (): Promise<number> => {
      await run(filing, work, jobOn(tensors(1)));
      return file?.allocate(0)?.position ?? NaN;
    };
    const before = await end();
    for (let round = 0; round < 20; round++) {
      expect((await run(filing, work, jobOn(tensors(round)))).carried).toEqual(tensors(2 * round));
    }
    expect(await end()).toBe(before);
  });

  it('gives results in memory that serves again once it is released, and never sooner', async () => {
    const filing = createFiling(file);
    const work = worker();
    const first = await run(filing, work, jobOn(tensors(1), true));
    const kept = first.carried['large']?.data;
    const second = await run(filing, work, jobOn(tensors(2), true));
    expect(second.carried['large']?.data).not.toBe(kept);
    first.release?.();
    expect((await run(filing, work, jobOn(tensors(3), true))).carried['large']?.data).toBe(kept);
    expect(second.carried).toEqual(tensors(4));
  });

  it('goes in messages as a whole where there is no file', () => {
    const { job } = createFiling(undefined)(jobOn(tensors(1)));
    expect(job).toMatchObject({ carried: tensors(1), into: {} });
  });

  it('fails in a code where a worker says that it wrote what it was lent no place for', () => {
    const loans = createLoans(createFiling(undefined));
    loans.lend([{ id: 4, program: 'test', job: jobOn(tensors(1)) }]);
    const outcome = { carried: { large: { shape: [LARGE] } }, stacked: {}, ends: [] };
    expect(loans.receive([{ id: 4, type: 'done', outcome }])).toEqual([
      { id: 4, type: 'failed', message: 'A worker did not send the values of "large".' },
    ]);
    expect(loans.receive([{ id: 4, type: 'done', outcome }])).toEqual([]);
  });
});
