import { FedxError } from '@fedx/core';

/**
 * What to say of an argument or a flag's value that is none of those it may be, with the nearest one that is; undefined where
 * `thrown` is something else.
 */
export async function unknownChoice(thrown: unknown): Promise<FedxError | undefined> {
  const said = thrown instanceof Error && 'oclif' in thrown ? thrown.message : '';
  const [, given, choices] = /^Expected (.+) to be one of: (.+)$/m.exec(said) ?? [];
  if (given === undefined || choices === undefined) return undefined;
  const [, flag, value = ''] = /^(?:(--[\w-]+)=)?(.*)$/s.exec(given) ?? [];
  const { suggest } = await import('@fedx/core/host');
  return new FedxError('FEDX_USAGE', `${flag === undefined ? '' : `${flag}: `}${JSON.stringify(value)} is no choice.`, {
    hint: suggest(value, choices.split(', '), 'Choices'),
  });
}
