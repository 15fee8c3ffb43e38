import { fileURLToPath } from 'node:url';
import { CLIError } from '@oclif/core/errors';
import { describe, expect, it } from 'vitest';
import { unknownCommand } from './unknown-command.js';

const root = fileURLToPath(new URL('..', import.meta.url));

describe('a command that does not exist', () => {
  it('is named as it was written, with the nearest one', async () => {
    expect(await unknownCommand(new CLIError('command rum:first.yaml not found'), root)).toMatchObject({
      code: 'FEDX_USAGE',
      message: 'There is no command "rum".',
      hint: expect.stringMatching(/^Did you mean run\? Commands: compare, completion, /),
    });
  });

  it('is not one that takes no arguments and gets some', async () => {
    expect(await unknownCommand(new CLIError('command doctor:all of it not found'), root)).toMatchObject({
      code: 'FEDX_USAGE',
      message: 'fedx doctor takes no argument "all of it".',
      hint: 'fedx doctor --help says what it takes.',
    });
  });

  it('is not what another error is about', async () => {
    expect(await unknownCommand(new CLIError('Nonexistent flag: --frob'), root)).toBeUndefined();
    expect(await unknownCommand(new Error('command rum not found'), root)).toBeUndefined();
  });
});
