import { describe, expect, it } from 'vitest';
import { type Finding, pathText, renderDiagnostics, specError } from './diagnostics.js';
import { argumentSource, fileSource, type Source } from './source.js';

const file = fileSource('a.yaml', 'name: x\nserver:\r\n\trouns: 100\r\n');
const argument = argumentSource('seed=-1', 0);

function finding(source: Source, word: string, message: string, path = word, hint?: string): Finding {
  const from = source.text.indexOf(word);
  return { at: { source, from, to: from + word.length }, path, message, ...(hint !== undefined && { hint }) };
}

describe('diagnostics', () => {
  it('are sorted by place, the file before the arguments', () => {
    const error = specError('FEDX_SPEC_INVALID', [
      finding(argument, '-1', 'third'),
      finding(file, 'rouns', 'second'),
      finding(file, 'x', 'first'),
    ]);
    expect(error.message).toBe('3 errors in the spec; the first: first');
    expect(error.place).toEqual({ file: 'a.yaml', line: 1, column: 7 });
    expect(error.diagnostics.map(({ message, source, start }) => [message, source, start.line, start.column])).toEqual([
      ['first', 'a.yaml', 1, 7],
      ['second', 'a.yaml', 3, 2],
      ['third', 'seed=-1', 1, 6],
    ]);
  });

  it('keep the first of two findings about one place, and two keys missing at one place', () => {
    const at = { source: file, from: 0, to: 1 };
    const findings = ['a', 'b', 'a'].map((path, index) => ({ at, path, message: `${index}` }));
    expect(specError('FEDX_SPEC_INVALID', findings).diagnostics.map(({ message }) => message)).toEqual(['0', '1']);
  });

  it('stop at a hundred, and say how many there are', () => {
    const findings = Array.from({ length: 300 }, (_, n) => ({
      at: { source: file, from: 0, to: 1 },
      path: `k${n}`,
      message: 'm',
    }));
    const error = specError('FEDX_SPEC_INVALID', findings);
    expect(error.diagnostics).toHaveLength(100);
    expect(error.message).toContain('300 errors');
  });

  it('are printed with the line, a caret and the hint', () => {
    const { diagnostics } = specError('FEDX_SPEC_INVALID', [
      finding(file, 'rouns', 'Unknown key "rouns" in server.', 'server.rouns', 'Did you mean rounds?'),
      finding(argument, '-1', 'seed must be at least 0.'),
    ]);
    expect(renderDiagnostics(diagnostics).split('\n')).toEqual([
      'a.yaml:3:2: Unknown key "rouns" in server.',
      '  3 | \trouns: 100',
      '    | \t^^^^^',
      '    = Did you mean rounds?',
      '',
      'seed=-1: seed must be at least 0.',
      '  1 | seed=-1',
      '    |      ^^',
    ]);
  });

  it('mark a value of several lines to the end of its first, and nothing at all with one caret', () => {
    const source = fileSource('b.yaml', 'a: [1,\n  2]');
    const { diagnostics } = specError('FEDX_SPEC_INVALID', [
      { at: { source, from: 3, to: source.text.length }, path: 'a', message: 'm' },
    ]);
    expect(renderDiagnostics(diagnostics)).toContain('    |    ^^^');
    const empty = specError('FEDX_SPEC_INVALID', [
      { at: { source: fileSource('c.yaml', ''), from: 0, to: 0 }, path: '', message: 'm' },
    ]);
    expect(renderDiagnostics(empty.diagnostics)).toBe('c.yaml:1:1: m\n  1 | \n    | ^');
  });

  it('show a window of a very long line, with the caret below its place', () => {
    const source = fileSource('c.yaml', `a: [${'1, '.repeat(200)}oops, ${'1, '.repeat(200)}]`);
    const from = source.text.indexOf('oops');
    const [, line = '', caret = ''] = renderDiagnostics(
      specError('FEDX_SPEC_INVALID', [{ at: { source, from, to: from + 4 }, path: 'a', message: 'm' }]).diagnostics,
    ).split('\n');
    expect(line.length).toBeLessThan(140);
    expect(line.slice(caret.indexOf('^'), caret.lastIndexOf('^') + 1)).toBe('oops');
  });

  it('never pass control characters on to the terminal', () => {
    const source = fileSource('d.yaml', 'a: "\u001b[31m"');
    const { diagnostics } = specError('FEDX_SPEC_INVALID', [
      { at: { source, from: 3, to: 10 }, path: 'a', message: '\u001b[2J' },
    ]);
    expect(renderDiagnostics(diagnostics)).not.toContain('\u001b');
  });

  it('write paths as overrides do, with odd keys quoted', () => {
    expect(pathText(['client', 'optimizer', 'learning rate'])).toBe('client.optimizer."learning rate"');
  });
});
