import { CLIError } from '@oclif/core/errors';
import { describe, expect, it } from 'vitest';
import { unknownChoice } from './unknown-choice.js';

describe('a word that is none of those to choose from', () => {
  it.each([
    ['Expected strateg to be one of: strategy, sampler', '"strateg" is no choice.', 'strategy, sampler', 'strategy'],
    ['Expected --format=onx to be one of: onnx, tfjs', '--format: "onx" is no choice.', 'onnx, tfjs', 'onnx'],
  ])('is told the nearest: %s', async (said, message, choices, near) => {
    expect(await unknownChoice(new CLIError(`${said}\nSee more help with --help`))).toMatchObject({
      code: 'FEDX_USAGE',
      message,
      hint: `Did you mean ${near}? Choices: ${choices}.`,
    });
  });

  it('is not what another error is about', async () => {
    expect(await unknownChoice(new CLIError('Nonexistent flag: --frob'))).toBeUndefined();
    expect(await unknownChoice(new Error('Expected a to be one of: b'))).toBeUndefined();
  });
});
