import type { Job, Outcome } from './job.js';
import type { JobReply, JobRequest } from './protocol.js';

/** What a worker uses of memory that others use too, from when it is sent a job until it has answered, or is gone. */
export interface Loan<Sent, Given> {
  /** The job as the worker gets it. */
  readonly job: Sent;
  /** The outcome with what the worker wrote to the memory. Throws FEDX_WORKER_FAILED where it is not there. */
  take(outcome: Given): Outcome;
  /** The worker looks at and writes to nothing of the loan any more; said once, after `take` where there is an outcome. */
  giveBack(): void;
}

/** Readies a job for a worker. */
export type Lend<Sent, Given> = (job: Omit<Job, 'priority'>) => Loan<Sent, Given>;

/** What one worker has on loan. */
export interface Loans<Sent, Given> {
  /** The requests as the worker gets them. */
  lend(requests: readonly JobRequest[]): readonly JobRequest<Sent>[];
  /** The replies with what the worker wrote, less those that answer no request. */
  receive(replies: readonly JobReply<Given>[]): readonly JobReply[];
  /** Whether every request is answered. */
  isEmpty(): boolean;
  /** The worker is gone: only now does it write nothing any more. */
  end(): void;
}

export function createLoans<Sent, Given>(lend: Lend<Sent, Given>): Loans<Sent, Given> {
  const loans = new Map<number, Loan<Sent, Given>>();

  function take(reply: JobReply<Given>): readonly JobReply[] {
    const loan = loans.get(reply.id);
    if (loan === undefined) return [];
    loans.delete(reply.id);
    try {
      return [reply.type === 'done' ? { ...reply, outcome: loan.take(reply.outcome) } : reply];
    } catch (error) {
      return [{ id: reply.id, type: 'failed', message: error instanceof Error ? error.message : String(error) }];
    } finally {
      loan.giveBack();
    }
  }

  return {
    lend: (requests) =>
      requests.map(({ id, program, job }) => {
        const loan = lend(job);
        loans.set(id, loan);
        return { id, program, job: loan.job };
      }),
    receive: (replies) => replies.flatMap(take),
    isEmpty: () => loans.size === 0,
    end() {
      for (const loan of loans.values()) loan.giveBack();
      loans.clear();
    },
  };
}
