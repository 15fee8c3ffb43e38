import { describe, expect, it } from 'vitest';
import type { Parameters } from '../contracts/index.js';
import type { Job, Outcome } from './job.js';
import { createLoans } from './loans.js';
import { createJobSharing } from './shared-jobs.js';

const LARGE = 2000;

const jobOn = (carried: Parameters, isReleased: boolean): Omit<Job, 'priority'> => ({
  program: { id: 'test', batchSize: 1, draws: 0 },
  carried,
  constants: {},
  schedules: [{ rows: Uint32Array.of(1), epochs: 1, lastBatch: 'keep' }],
  result: { names: ['w'], asDifferences: false, isReleased },
});

const weights = (number: number): Parameters => ({ w: { shape: [LARGE], data: new Float32Array(LARGE).fill(number) } });

/** What a thread answers that has written everything to where the job says. */
const answered: Outcome = { carried: {}, stacked: {}, ends: [] };

describe('a job for a thread', () => {
  it('has its tensors in memory that all threads see, each once', () => {
    const lend = createJobSharing();
    const global = weights(3);
    const [one, two] = [lend(jobOn(global, false)), lend(jobOn({ ...global }, false))];
    const shared = one.job.carried['w']?.data;
    expect(shared?.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect([...new Set(shared)]).toEqual([3]);
    expect(two.job.carried['w']?.data).toBe(shared);
    one.giveBack();
    // The second still looks at it.
    expect(lend(jobOn(weights(4), false)).job.carried['w']?.data).not.toBe(shared);
    expect([...new Set(shared)]).toEqual([3]);
  });

  it('gives results in memory that serves again once it is released, and never sooner', () => {
    const lend = createJobSharing();
    const run = (number: number) => {
      const loan = lend(jobOn(weights(0), true));
      const into = loan.job.result?.into?.['w'];
      into?.fill(number);
      const outcome = loan.take(answered);
      loan.giveBack();
      return { into, outcome };
    };
    const [first, second] = [run(1), run(2)];
    expect(first.outcome.carried).toEqual({ w: { shape: [LARGE], data: first.into } });
    expect(second.into).not.toBe(first.into);
    first.outcome.release?.();
    expect(run(3).into).toBe(first.into);
    expect([...new Set(second.outcome.carried['w']?.data)]).toEqual([2]);
  });

  it('gives its memory to others where the thread fails, or is gone', () => {
    const lend = createJobSharing();
    const loans = createLoans(lend);
    const intoOf = (id: number) =>
      loans.lend([{ id, program: 'test', job: jobOn(weights(0), true) }])[0]?.job.result?.into?.['w'];
    const first = intoOf(1);
    expect(loans.receive([{ id: 1, type: 'failed', message: 'It did not work.' }])).toMatchObject([{ type: 'failed' }]);
    expect(loans.isEmpty()).toBe(true);
    expect(intoOf(2)).toBe(first);
    expect(loans.isEmpty()).toBe(false);
    loans.end();
    expect(intoOf(3)).toBe(first);
  });

  it('takes along its own rows only', () => {
    const rows = Uint32Array.from({ length: 100 }, (_, i) => i);
    const schedules = [{ rows: rows.subarray(7, 9), epochs: 1, lastBatch: 'keep' as const }];
    const { job } = createJobSharing()({ ...jobOn(weights(1), false), schedules });
    expect(job.schedules[0]?.rows).toEqual(Uint32Array.of(7, 8));
    expect(job.schedules[0]?.rows.buffer.byteLength).toBe(8);
  });
});
