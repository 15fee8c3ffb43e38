import type { ArmSummary, RunReport } from '@fedx/core/host';
import fc from 'fast-check';
import { SaxesParser } from 'saxes';
import { describe, expect, it } from 'vitest';
import { renderJunit, renderJunitError } from './junit.js';

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Element[];
}

/** The document as a parser that refuses everything which is not well-formed XML 1.0 understands it. */
function parse(xml: string): Element {
  const open: Element[] = [{ name: '', attributes: {}, children: [] }];
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) => {
    const element = { name, attributes, children: [] };
    open.at(-1)?.children.push(element);
    open.push(element);
  });
  parser.on('closetag', () => open.pop());
  parser.write(xml).close();
  const [root] = open[0]?.children ?? [];
  if (root === undefined) throw new Error('There is no element.');
  return root;
}

const arm = (more: Partial<ArmSummary>): ArmSummary => ({
  ...{ id: 'r-1', name: 'noniid', arm: 'federated', status: 'completed', seed: 1, engine: 'onnx', steps: 2 },
  ...{ durationSeconds: 1.5, directory: 'runs/r-1', overrides: {}, metrics: {} },
  ...more,
});

const report = (more: Partial<RunReport>): RunReport => ({
  ...{ invocation: 'i', runs: [], expectations: [], failures: [] },
  ...more,
});

const failure = { overrides: { seed: 2 }, code: 'FEDX_RUN_DIVERGED', message: 'NaN', hint: 'h', place: {} } as const;
const expectation = { run: 'r-1', arm: 'federated', metric: 'test/accuracy', within: [0.8, 0.9] } as const;

describe('the JUnit report', () => {
  it('has a suite a run, with a case an arm and an expectation', () => {
    const document = parse(
      renderJunit(
        report({
          runs: [arm({}), arm({ arm: 'iid', durationSeconds: 0.25 }), arm({ id: 'r-2', overrides: { seed: 2 } })],
          expectations: [
            { ...expectation, at: 'last', value: 0.85, pass: true },
            { ...expectation, at: 'best', value: 0.95, pass: false },
            { ...expectation, run: 'r-2', at: 'last', pass: false },
          ],
        }),
      ),
    );
    expect(document).toMatchObject({
      name: 'testsuites',
      attributes: { tests: '6', failures: '2', errors: '0', time: '3.250' },
    });
    const [first, second] = document.children;
    expect(first?.attributes).toEqual({ name: 'noniid (r-1)', tests: '4', failures: '1', errors: '0', time: '1.750' });
    expect(first?.children.map(({ attributes: { name }, children }) => [name, children])).toEqual([
      ['federated completes', []],
      ['iid completes', []],
      ['federated test/accuracy within 0.8 … 0.9', []],
      [
        'federated best test/accuracy within 0.8 … 0.9',
        [{ name: 'failure', attributes: { type: 'expectation', message: 'It is 0.95.' }, children: [] }],
      ],
    ]);
    expect(second?.attributes).toMatchObject({ name: 'noniid seed=2 (r-2)', tests: '2', failures: '1' });
    expect(second?.children[1]?.children[0]?.attributes.message).toBe('There is no such value.');
  });

  it('has an error for each arm that did not come to its end, with what its run failed with', () => {
    const runs = [arm({}), arm({ arm: 'iid', status: 'failed' }), arm({ arm: 'local-only', status: 'interrupted' })];
    const { attributes, children } = parse(
      renderJunit(report({ runs, failures: [{ ...failure, directory: 'runs/r-1' }] })),
    );
    expect(attributes).toMatchObject({ tests: '3', failures: '0', errors: '2' });
    expect(children[0]?.children.map(({ children: [error] }) => error?.attributes)).toEqual([
      undefined,
      { type: 'FEDX_RUN_DIVERGED', message: 'NaN' },
      { type: 'FEDX_RUN_DIVERGED', message: 'NaN' },
    ]);
  });

  it('has an error for a point that failed before it had a run, and for a command that failed as a whole', () => {
    const { attributes, children } = parse(renderJunit(report({ failures: [failure] })));
    expect(attributes).toMatchObject({ tests: '1', errors: '1' });
    expect(children[0]?.attributes.name).toBe('seed=2');
    expect(parse(renderJunitError(failure)).children[0]?.children[0]?.children[0]).toMatchObject({
      name: 'error',
      attributes: { type: 'FEDX_RUN_DIVERGED', message: 'NaN' },
    });
  });

  it('is well-formed whatever the words in it are, and says all of them that XML has a form for', () => {
    const words = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({
        unit: fc.constantFrom('<', '>', '&', '"', "'", ']]>', '\n', '\t', '\r', '\u0000', '\u001b', '\uffff', '\ud800'),
      }),
    );
    fc.assert(
      fc.property(words, (message) => {
        const error = parse(renderJunitError({ code: 'FEDX_INTERNAL', message })).children[0]?.children[0]?.children[0];
        const kept = Array.from(message, (character) => {
          const code = character.codePointAt(0) ?? 0;
          const isControl = code < 32 && !'\t\n\r'.includes(character);
          const isSurrogate = code >= 0xd800 && code <= 0xdfff;
          return isControl || isSurrogate || code === 0xfffe || code === 0xffff ? '\ufffd' : character;
        });
        expect(error?.attributes.message).toBe(kept.join(''));
      }),
    );
  });
});
