import type { FiledJob, FiledOutcome, Filing, Loan } from './filed-jobs.js';
import type { JobReply, JobRequest } from './protocol.js';

/** What one process has on loan: for each request from when it is sent until it is answered, or the process is gone. */
export interface Loans {
  /** The request as the process gets it. */
  lend(request: JobRequest): JobRequest<FiledJob>;
  /** The reply with what the process wrote to the file; undefined where it answers no request. */
  receive(reply: JobReply<FiledOutcome>): JobReply | undefined;
  /** The process is gone: only now does it write nothing any more. */
  end(): void;
}

export function createLoans(file: Filing): Loans {
  const loans = new Map<number, Loan>();
  return {
    lend({ id, program, job }) {
      const loan = file(job);
      loans.set(id, loan);
      return { id, program, job: loan.job };
    },
    receive(reply) {
      const loan = loans.get(reply.id);
      if (loan === undefined) return undefined;
      loans.delete(reply.id);
      try {
        return reply.type === 'done' ? { ...reply, outcome: loan.take(reply.outcome) } : reply;
      } catch (error) {
        return { id: reply.id, type: 'failed', message: error instanceof Error ? error.message : String(error) };
      } finally {
        loan.giveBack();
      }
    },
    end() {
      for (const { giveBack } of loans.values()) giveBack();
      loans.clear();
    },
  };
}
