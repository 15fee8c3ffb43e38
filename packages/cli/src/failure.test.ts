import { FedxError } from '@fedx/core';
import { CLIError } from '@oclif/core/errors';
import { describe, expect, it } from 'vitest';
import { asksForJson } from './asks-for-json.js';
import { asFedxError } from './failure.js';

describe('asFedxError', () => {
  it("keeps fedx's own errors", () => {
    const error = new FedxError('FEDX_SPEC_NOT_FOUND', 'No such file.');
    expect(asFedxError(error)).toBe(error);
  });

  it('takes what oclif throws for bad usage, which ends with 2', () => {
    const error = asFedxError(new CLIError('Nonexistent flag: --frob\nSee more help with --help'));
    expect(error).toMatchObject({ code: 'FEDX_USAGE', message: 'Nonexistent flag: --frob', exitCode: 2 });
  });

  it.each([
    [new RangeError('too far'), 'too far'],
    ['a string', 'a string'],
    [undefined, 'undefined'],
  ])('takes anything else for a fault of fedx: %s', (thrown, message) => {
    expect(asFedxError(thrown)).toMatchObject({ code: 'FEDX_INTERNAL', message, exitCode: 1 });
  });

  it('does not take the code of a system error for one of ours', () => {
    expect(asFedxError(Object.assign(new Error('nope'), { code: 'ENOENT' })).code).toBe('FEDX_INTERNAL');
  });
});

describe('asksForJson', () => {
  it('finds the flag anywhere before --', () => {
    expect(asksForJson(['run', 'x.yaml', '--json'])).toBe(true);
    expect(asksForJson(['run', 'x.yaml'])).toBe(false);
    expect(asksForJson(['run', '--', '--json'])).toBe(false);
  });
});
