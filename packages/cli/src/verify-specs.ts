import { FedxError, isFedxError } from '@fedx/core';
import {
  type ErrorCode,
  exitCodes,
  type Host,
  judge,
  type PointFailure,
  type RunReport,
  type SpecRequest,
  type Verdict,
} from '@fedx/core/host';
import { findSpecs } from './find-specs.js';
import type { Interruption } from './interruption.js';
import { type OutputMode, type Terminal, writeJson, writeLine } from './terminal.js';
import { paintFor } from './views/paint.js';
import { showProgress } from './views/progress-view.js';
import { renderMissedVerdicts, renderVerification } from './views/verification.js';

/** What became of a spec. */
export interface VerifiedSpec {
  readonly file: string;
  readonly name: string;
  /** `expects-nothing`: the spec has no `expect`, and was not run. */
  readonly status: 'verified' | 'left-out' | 'failed' | 'expects-nothing';
  readonly points: number;
  /** Points that earlier runs had completed. */
  readonly before: number;
  /** Seconds that the missing points were estimated to take, all rounds; absent where none was missing. */
  readonly estimate?: number;
  /** Seconds that they took. */
  readonly seconds?: number;
  readonly invocation?: string;
  readonly verdicts: readonly Verdict[];
  /** Why the spec, or some of its points, failed. */
  readonly failures: readonly (PointFailure | SpecFailure)[];
}

interface SpecFailure {
  readonly code: ErrorCode;
  readonly message: string;
}

/** How a verification ended: the JSON document. */
export interface Verification {
  /** Seconds; absent where there was no limit. */
  readonly budget?: number;
  /** Seconds that it took, estimates included. */
  readonly seconds: number;
  readonly specs: readonly VerifiedSpec[];
}

export interface VerifyCommand {
  readonly host: Pick<Host, 'standing' | 'plan' | 'run'>;
  /** Specs and folders of specs. */
  readonly paths: readonly string[];
  readonly overrides: readonly string[];
  /** Seconds; undefined is no limit. */
  readonly budget: number | undefined;
  /** Whether to run what earlier runs have done, too. */
  readonly fresh: boolean;
  readonly mode: OutputMode;
  readonly terminal: Terminal;
  readonly interruption: Interruption;
}

/** A spec before anything is run. */
interface Candidate {
  readonly file: string;
  readonly name: string;
  readonly points: number;
  readonly before: number;
  readonly expects: boolean;
  /** Seconds; 0 where nothing is to be run. */
  readonly estimate: number;
  /** Why it cannot even be measured. */
  readonly failure?: SpecFailure;
}

/**
 * Runs specs, the cheapest first, as far as the budget goes, shows what came of their expectations, and returns the exit
 * code: 0, 1 where a spec or one of its points failed, else 3 where an expectation was missed. Throws what is wrong with
 * a spec before it runs any, and FEDX_RUN_INTERRUPTED.
 */
export async function verifySpecs(command: VerifyCommand): Promise<number> {
  const { budget, mode, terminal, interruption } = command;
  const start = performance.now();
  const elapsed = (): number => (performance.now() - start) / 1000;
  const files = findSpecs(command.paths);
  const specs: VerifiedSpec[] = [];
  for (const candidate of await estimateAll(files, command)) {
    const fits =
      budget === undefined || candidate.before === candidate.points || elapsed() + candidate.estimate <= budget;
    const runs = candidate.expects && candidate.failure === undefined && fits;
    specs.push(runs ? await verify(candidate, command) : passOver(candidate));
    if (interruption.unread()) return exitCodes.interrupted;
  }
  const inOrder = specs.toSorted((a, b) => files.indexOf(a.file) - files.indexOf(b.file));
  const verification = { ...(budget !== undefined && { budget }), seconds: elapsed(), specs: inOrder };
  await show(verification, mode, terminal);
  if (specs.some(({ failures }) => failures.length > 0)) return exitCodes.runFailed;
  const verdicts = specs.flatMap((spec) => spec.verdicts);
  return verdicts.every(({ pass }) => pass) ? exitCodes.done : exitCodes.expectationMissed;
}

/** The specs with what they take, the cheapest first. All are checked before the first is measured. */
async function estimateAll(files: readonly string[], command: VerifyCommand): Promise<readonly Candidate[]> {
  const { host, overrides, fresh, mode, terminal, interruption } = command;
  const requests = files.map((file) => ({ file, overrides }));
  const standings = [];
  for (const request of requests) standings.push({ request, ...(await host.standing(request)) });
  if (standings.every(({ expects }) => !expects)) throw nothingExpected(files);
  const candidates: Candidate[] = [];
  for (const { request, name, points, expects, ...standing } of standings) {
    if (interruption.signal.aborted) throw interrupted(new Error('Interrupted while estimating.'));
    const missing = fresh ? points : standing.missing;
    const isWanted = expects && missing > 0;
    if (isWanted && mode === 'text') writeLine(terminal.stderr, `measuring ${request.file}`);
    const measured = isWanted ? await measure(host, request) : 0;
    candidates.push({
      ...{ file: request.file, name, points, before: points - missing, expects },
      ...(typeof measured === 'number' ? { estimate: measured * missing } : { estimate: 0, failure: measured }),
    });
  }
  return candidates.toSorted((a, b) => a.estimate - b.estimate);
}

/** Seconds of a run of the spec, the first of its sweep, or why it cannot run. */
async function measure(host: Pick<Host, 'plan'>, request: SpecRequest): Promise<number | SpecFailure> {
  try {
    const { estimate } = await host.plan(request, { estimate: true });
    return estimate?.seconds ?? 0;
  } catch (error) {
    return describeFailure(error);
  }
}

function nothingExpected(files: readonly string[]): FedxError {
  const [file = ''] = files;
  const message = files.length === 1 ? `${file} expects nothing` : `None of the ${files.length} specs expects anything`;
  return new FedxError('FEDX_EXPECTATION_MISSING', `${message}, so that there is nothing to verify.`);
}

/** What the user is told of a spec that fails; the others go on. Throws what has no code. */
function describeFailure(error: unknown): SpecFailure {
  if (!isFedxError(error)) throw error;
  return { code: error.code, message: error.message };
}

/** A spec that is not run: it cannot, or for want of time or of anything to expect. */
function passOver({ file, name, points, before, expects, estimate, failure }: Candidate): VerifiedSpec {
  if (failure !== undefined) return { file, name, status: 'failed', points, before, verdicts: [], failures: [failure] };
  const status = expects ? 'left-out' : 'expects-nothing';
  return { file, name, status, points, before, ...(expects && { estimate }), verdicts: [], failures: [] };
}

async function verify(candidate: Candidate, command: VerifyCommand): Promise<VerifiedSpec> {
  const { host, overrides, fresh, mode, terminal, interruption } = command;
  const { expects: _, failure: __, estimate, ...described } = candidate;
  const isRunning = candidate.before < candidate.points;
  const spec = { ...described, ...(isRunning && { estimate }) };
  if (isRunning && mode === 'text') writeLine(terminal.stdout, `\n${candidate.file}`);
  // Nothing is to be watched where all is done.
  const progress = await showProgress(isRunning ? mode : 'quiet', terminal, interruption);
  const start = performance.now();
  let report: RunReport;
  try {
    const { onEvent, onPoint } = progress;
    const request = { file: candidate.file, overrides };
    report = await host.run(request, { signal: interruption.signal, onEvent, onPoint, goOn: !fresh });
  } catch (error) {
    if (interruption.signal.aborted) throw interrupted(error);
    return { ...spec, status: 'failed', verdicts: [], failures: [describeFailure(error)] };
  } finally {
    progress.end();
  }
  const { invocation, failures } = report;
  const seconds = (performance.now() - start) / 1000;
  const status = failures.length > 0 ? 'failed' : 'verified';
  return { ...spec, status, ...(isRunning && { seconds }), invocation, verdicts: judge(report), failures };
}

function interrupted(cause: unknown): FedxError {
  return new FedxError(
    'FEDX_RUN_INTERRUPTED',
    isFedxError(cause) ? cause.message : 'Interrupted before a run began; nothing was written.',
    { hint: 'The same command goes on where this one ended.', cause },
  );
}

async function show(verification: Verification, mode: OutputMode, { stdout, stderr }: Terminal): Promise<void> {
  if (mode === 'json') writeJson(stdout, verification);
  else if (mode === 'text') writeLine(stdout, await renderVerification(verification, paintFor(stdout)));
  else for (const line of renderMissedVerdicts(verification, paintFor(stderr))) writeLine(stderr, line);
}
