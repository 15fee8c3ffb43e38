import type { ArmSummary, ExpectationResult, FedxError, PointFailure, RunReport } from '@fedx/core/host';
import { renderFigureName } from './expectation.js';

/** What a test case came to; neither of the two is a pass. */
interface TestCase {
  readonly name: string;
  readonly seconds?: number;
  /** An expectation was missed. */
  readonly failure?: string;
  /** There is no result to look at. */
  readonly error?: Pick<FedxError, 'code' | 'message'>;
}

/** The test cases of a run. */
interface TestSuite {
  readonly name: string;
  readonly cases: readonly TestCase[];
}

/**
 * JUnit XML, as CI systems read it: a suite a run, in which each arm is a case, an error where it did not come to its end,
 * and each expectation one, a failure where it was missed.
 */
export function renderJunit({ expectations, failures, runs }: RunReport): string {
  const ids = [...new Set(runs.map(({ id }) => id))];
  const ofRuns = ids.map((id) => {
    const arms = runs.filter((arm) => arm.id === id);
    const failure = failures.find(({ directory }) => directory === arms[0]?.directory);
    return {
      name: suiteName(arms[0]),
      cases: [
        ...arms.map((arm) => armCase(arm, failure)),
        ...expectations.filter(({ run }) => run === id).map(expectationCase),
      ],
    };
  });
  const told = new Set(runs.map(({ directory }) => directory));
  const ofOthers = failures
    .filter(({ directory }) => directory === undefined || !told.has(directory))
    .map((error) => ({ name: settings(error.overrides) || 'run', cases: [{ name: 'runs', error }] }));
  return renderSuites([...ofRuns, ...ofOthers]);
}

/** JUnit XML of a command that failed as a whole. */
export function renderJunitError(error: Pick<FedxError, 'code' | 'message'>): string {
  return renderSuites([{ name: 'fedx', cases: [{ name: 'runs', error }] }]);
}

function suiteName(arm: ArmSummary | undefined): string {
  if (arm === undefined) return 'run';
  return [arm.name, settings(arm.overrides), `(${arm.id})`].filter(Boolean).join(' ');
}

function settings(overrides: Readonly<Record<string, unknown>>): string {
  return Object.entries(overrides)
    .map(([path, value]) => `${path}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
}

function armCase({ arm, durationSeconds, status }: ArmSummary, failure: PointFailure | undefined): TestCase {
  const name = `${arm} completes`;
  if (status === 'completed') return { name, seconds: durationSeconds };
  const error = failure ?? { code: 'FEDX_RUN_INTERRUPTED', message: `The arm ${arm} is ${status}.` };
  return { name, seconds: durationSeconds, error };
}

function expectationCase(expectation: ExpectationResult): TestCase {
  const { notReachedIn, pass, value, within } = expectation;
  const name = `${renderFigureName(expectation)} within ${within.join(' … ')}`;
  if (pass) return { name };
  if (notReachedIn !== undefined) return { name, failure: `It is not reached in ${notReachedIn}.` };
  return { name, failure: value === undefined ? 'There is no such value.' : `It is ${value}.` };
}

function renderSuites(suites: readonly TestSuite[]): string {
  const cases = suites.flatMap((suite) => suite.cases);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="fedx"${counts(cases)}>`,
    ...suites.flatMap(({ name, cases: own }) => [
      `  <testsuite${attributes({ name })}${counts(own)}>`,
      ...own.map((one) => `    ${renderCase(name, one)}`),
      '  </testsuite>',
    ]),
    '</testsuites>',
    '',
  ].join('\n');
}

function counts(cases: readonly TestCase[]): string {
  return attributes({
    tests: cases.length,
    failures: cases.filter(({ failure }) => failure !== undefined).length,
    errors: cases.filter(({ error }) => error !== undefined).length,
    time: seconds(cases.reduce((sum, one) => sum + (one.seconds ?? 0), 0)),
  });
}

function renderCase(classname: string, { name, seconds: took = 0, failure, error }: TestCase): string {
  const head = `<testcase${attributes({ classname, name, time: seconds(took) })}`;
  if (error !== undefined)
    return `${head}><error${attributes({ type: error.code, message: error.message })}/></testcase>`;
  if (failure !== undefined)
    return `${head}><failure${attributes({ type: 'expectation', message: failure })}/></testcase>`;
  return `${head}/>`;
}

function seconds(value: number): string {
  return value.toFixed(3);
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escapeXml(String(value))}"`)
    .join('');
}

/** What XML 1.0 (section 2.2) has no form for, not even as a reference. */
const noCharacter = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

/** Line breaks and tabs too: in an attribute they would be read as spaces. */
function escapeXml(text: string): string {
  return text.replace(noCharacter, '\ufffd').replace(/[<>&"\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}
