import { fileURLToPath } from 'node:url';
import { CLIError } from '@oclif/core/errors';
import { describe, expect, it } from 'vitest';
import { unknownFlag } from './unknown-flag.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const spec = fileURLToPath(new URL('../../../experiments/noniid-mnist.yaml', import.meta.url));

/** What is said where `flag` is written after `fedx run SPEC`, or after `command`. */
async function hintOf(written: string, command: readonly string[] = ['run', spec]): Promise<string | undefined> {
  const args = [...command, ...written.split(' ')];
  const flag = args.find((arg) => arg.startsWith('-')) ?? '';
  const thrown = new CLIError(`Nonexistent flag: ${flag}\nSee more help with --help`);
  const error = await unknownFlag(thrown, args, root);
  expect(error).toMatchObject({ code: 'FEDX_USAGE', message: `Nonexistent flag: ${flag}.` });
  return error?.hint;
}

describe('a flag that does not exist', () => {
  it.each([
    ['--rounds 5', 'server.rounds=5'],
    ['--rounds=5', 'server.rounds=5'],
    ['--server.rounds=5', 'server.rounds=5'],
    ['--server.round 5', 'server.rounds=5'],
    ['--round 5', 'server.rounds=5'],
    ['--epochs', 'client.epochs=…'],
    ['--learning-rate 0.1', 'client.optimizer.learningRate=0.1'],
    ['--seed 3', 'seed=3'],
  ])('that is a value of the spec is told how to write it: %s', async (written, argument) => {
    expect(await hintOf(written)).toBe(`What a spec says is changed by path=value, without dashes: ${argument}`);
  });

  it('that is nearly another flag is told which', async () => {
    expect(await hintOf('--quite')).toMatch(/^Did you mean --quiet\? Flags: --/);
    expect(await hintOf('--metrics x', ['compare', 'latest'])).toMatch(/^Did you mean --metric\? Flags: --/);
    expect(await hintOf('--lastest', ['runs', 'show', 'latest'])).toBe('Flags: --json, --help.');
  });

  it('is not what another error is about', async () => {
    expect(await unknownFlag(new CLIError('command rum not found'), ['rum'], root)).toBeUndefined();
    expect(await unknownFlag(new Error('Nonexistent flag: --x'), ['run'], root)).toBeUndefined();
  });
});
