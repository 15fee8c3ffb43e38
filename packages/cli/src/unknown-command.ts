import { FedxError } from '@fedx/core';
import { Config } from '@oclif/core/config';

/**
 * What to say of a command that does not exist, with the nearest one that does, or takes no arguments; undefined where `thrown` is something else.
 * oclif takes all words before the first flag for the name of a command, joined by colons; ours have two words at most.
 */
export async function unknownCommand(thrown: unknown, root: string): Promise<FedxError | undefined> {
  const said = thrown instanceof Error && 'oclif' in thrown ? /^command (.+) not found$/.exec(thrown.message) : null;
  const [name, ...rest] = said?.[1]?.split(':') ?? [];
  if (name === undefined) return undefined;
  const [{ commands }, { suggest }] = await Promise.all([Config.load(root), import('@fedx/core/host')]);
  if (commands.some(({ id }) => id === name))
    return new FedxError('FEDX_USAGE', `fedx ${name} takes no argument ${JSON.stringify(rest.join(' '))}.`, {
      hint: `fedx ${name} --help says what it takes.`,
    });
  const known = commands.filter(({ hidden, id }) => !hidden && !id.includes(':')).map(({ id }) => id);
  return new FedxError('FEDX_USAGE', `There is no command ${JSON.stringify(name)}.`, {
    hint: suggest(name, known, 'Commands'),
  });
}
