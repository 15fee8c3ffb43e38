import { FedxError } from '@fedx/core';
import { describe, expect, it } from 'vitest';
import { failureDocument, renderFailure } from './failure.js';
import { plain } from './paint.js';

const diagnostic = {
  message: 'unknown key "rouns" in server',
  source: 'spec.yaml',
  start: { line: 9, column: 3 },
  end: { line: 9, column: 8 },
  text: '  rouns: 100',
  textColumn: 1,
  path: 'server.rouns',
  hint: 'Did you mean rounds?',
};

describe('renderFailure', () => {
  it('gives code, message, place, cause and hint', async () => {
    const error = new FedxError('FEDX_PLUGIN_FAILED', 'Strategy mine failed.', {
      place: { plugin: 'mine', arm: 'federated', round: 3, client: 0 },
      cause: new TypeError('x is not a function'),
      hint: 'Mend it.',
    });
    expect(await renderFailure(error, plain)).toBe(
      [
        'FEDX_PLUGIN_FAILED: Strategy mine failed.',
        '  at: plugin mine, arm federated, round 3, client 0',
        '  cause: x is not a function',
        '  hint: Mend it.',
      ].join('\n'),
    );
  });

  it('writes a position as file:line:column', async () => {
    const error = new FedxError('FEDX_PLUGIN_INVALID', 'No.', {
      place: { file: 'a.ts', line: 3, column: 5, plugin: 'p' },
    });
    expect(await renderFailure(error, plain)).toContain('  at: a.ts:3:5, plugin p\n');
  });

  it('leaves out what is not known', async () => {
    expect(await renderFailure(new FedxError('FEDX_INTERNAL', 'Oh.', { hint: 'Report it.' }), plain)).toBe(
      'FEDX_INTERNAL: Oh.\n  hint: Report it.',
    );
  });

  it('marks every finding of a spec under its line', async () => {
    const text = await renderFailure(
      new FedxError('FEDX_SPEC_INVALID', '2 errors.', { diagnostics: [diagnostic, diagnostic] }),
      plain,
    );
    expect(text.split('\n').slice(0, 5)).toEqual([
      'FEDX_SPEC_INVALID: 2 errors.',
      '',
      'spec.yaml:9:3: unknown key "rouns" in server',
      '  9 |   rouns: 100',
      '    |   ^^^^^',
    ]);
    expect(text.match(/\^{5}/g)).toHaveLength(2);
  });

  it('marks ten of them, and says where the others are', async () => {
    const diagnostics = Array.from({ length: 23 }, () => diagnostic);
    const text = await renderFailure(new FedxError('FEDX_SPEC_INVALID', '23 errors.', { diagnostics }), plain);
    expect(text.match(/\^{5}/g)).toHaveLength(10);
    expect(text.split('\n').at(-1)).toBe('Shown are the first 10; --json has 23.');
    expect(failureDocument(new FedxError('FEDX_SPEC_INVALID', 'n', { diagnostics })).error.diagnostics).toHaveLength(
      23,
    );
  });
});

describe('failureDocument', () => {
  it('holds code, message, hint, place and diagnostics, and nothing else', () => {
    const error = new FedxError('FEDX_SPEC_INVALID', 'No.', {
      place: { file: 'spec.yaml' },
      diagnostics: [diagnostic],
      cause: new Error('inner'),
    });
    expect(JSON.parse(JSON.stringify(failureDocument(error)))).toEqual({
      error: {
        code: 'FEDX_SPEC_INVALID',
        message: 'No.',
        hint: error.hint,
        place: { file: 'spec.yaml' },
        diagnostics: [diagnostic],
      },
    });
  });
});
