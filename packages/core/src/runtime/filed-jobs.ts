import type { ParameterTensor } from '../contracts/index.js';
import { FedxError } from '../errors/index.js';
import type { Job, JobResult, Outcome } from './job.js';
import type { Lend } from './loans.js';
import { createResultMemory } from './result-memory.js';
import type { OwnFile, Span } from './shared-file.js';
import { createTensorSharing, type SharedMemory } from './shared-tensors.js';

/** A tensor whose values lie in the file that a process and the one that started it share. */
export interface FiledTensor {
  readonly shape: readonly number[];
  readonly at: Writing;
}

/** What was written to a span at one time. */
export interface Writing extends Span {
  /** Another for each time. */
  readonly version: number;
}

/** As a message has them: large tensors lie in the file, where there is one and it has room. */
export type SentTensors = Readonly<Record<string, ParameterTensor | FiledTensor>>;

/** A job as a process gets it. */
export interface FiledJob extends Omit<Job, 'priority' | 'carried' | 'constants' | 'result'> {
  readonly carried: SentTensors;
  readonly constants: SentTensors;
  readonly result?: Omit<JobResult, 'into'>;
  /** Where the values that the job gives are to be written, by name; those that it does not name go into the message. */
  readonly into: Readonly<Record<string, Span>>;
}

/** What came of a job, as a process says it. Values that were written to where the job said are left out. */
export interface FiledOutcome extends Omit<Outcome, 'carried' | 'release'> {
  readonly carried: Readonly<Record<string, Pick<ParameterTensor, 'shape'> & Partial<ParameterTensor>>>;
}

/** Of fewer values than this a message holds a copy: 16 kB. */
const SMALLEST = 4096;

/** Puts jobs' tensors into a file, each tensor once for all processes, and has the results come back through it. */
export function createFiling(file: OwnFile | undefined): Lend<FiledJob, FiledOutcome> {
  let writings = 0;
  const inFile: SharedMemory<Writing, FiledTensor> = {
    smallest: SMALLEST,
    put(values, before) {
      const span = before ?? file?.allocate(values.length);
      if (span === undefined || file?.write(span, values) !== true) return undefined;
      return { position: span.position, length: span.length, version: ++writings };
    },
    tensor: (shape, at) => ({ shape, at }),
  };
  const share = createTensorSharing(inFile);
  const spans = createResultMemory((length) => (length < SMALLEST ? undefined : file?.allocate(length)));
  const memory = createResultMemory((length) => (length < SMALLEST ? undefined : new Float32Array(length)));

  function read(name: string, span: Span | undefined, own: Float32Array | undefined): Float32Array {
    if (span === undefined || file === undefined)
      throw new FedxError('FEDX_WORKER_FAILED', `A worker did not send the values of "${name}".`);
    const values = own ?? new Float32Array(span.length);
    file.read(span, values);
    return values;
  }

  return (job) => {
    const [carried, constants, into] = [share(job.carried), share(job.constants), spans.take(job)];
    return {
      job: { ...job, carried: carried.parameters, constants: constants.parameters, into },
      take(outcome) {
        const own = job.result?.isReleased === true ? memory.take(job) : undefined;
        const values: Record<string, ParameterTensor> = {};
        for (const [name, { shape, data }] of Object.entries(outcome.carried))
          values[name] = { shape, data: data ?? read(name, into[name], own?.[name]) };
        if (own === undefined) return { ...outcome, carried: values };
        return {
          ...outcome,
          carried: values,
          release: () => {
            memory.give(own);
          },
        };
      },
      giveBack() {
        carried.giveBack();
        constants.giveBack();
        spans.give(into);
      },
    };
  };
}
