import { FedxError } from '@fedx/core';
import type { nearestName } from '@fedx/core/host';
import { Config } from '@oclif/core/config';
import { overridePaths, readSpecSchema } from './completion/index.js';

/**
 * What to say of a flag that does not exist: the nearest one that does, or the `path=value` argument that was meant
 * (`server.rounds=5` for `--rounds 5`); undefined where `thrown` is something else. `args` is the whole command line.
 */
export async function unknownFlag(
  thrown: unknown,
  args: readonly string[],
  root: string,
): Promise<FedxError | undefined> {
  const said = thrown instanceof Error && 'oclif' in thrown ? /^Nonexistent flags?: (.+)/.exec(thrown.message) : null;
  if (said === null) return undefined;
  const [message, named = ''] = said;
  const [flag = ''] = named.split(', ');
  const [{ commands }, host] = await Promise.all([Config.load(root), import('@fedx/core/host')]);
  const command = [args.slice(0, 2).join(':'), args[0]].flatMap((id) => commands.find((one) => one.id === id) ?? [])[0];
  const flags = Object.values(command?.flags ?? {}).filter(({ hidden }) => hidden !== true);
  const known = [...flags.map(({ name }) => `--${name}`), '--help'];
  const [name = '', given] = flag.replace(/^-+/, '').split(/=(.*)/s);
  const paths = 'overrides' in (command?.args ?? {}) ? await pathsOf(args) : [];
  // What is a key of a spec to the letter is meant before a flag that is only near: --seed before --seeds.
  const meant =
    paths.find((path) => path === name || path.endsWith(`.${name}`)) ??
    (host.nearestName(`--${name}`, known) === undefined ? nearestPath(name, paths, host.nearestName) : undefined);
  const hint = meant === undefined ? host.suggest(`--${name}`, known, 'Flags') : meantHint(meant);
  return new FedxError('FEDX_USAGE', `${message}.`, { hint });

  function meantHint(path: string): string {
    const next = args[args.indexOf(flag) + 1];
    const value = given ?? (next === undefined || /^-|=|\.ya?ml$/.test(next) ? undefined : next);
    return `What a spec says is changed by path=value, without dashes: ${path}=${value ?? '…'}`;
  }
}

/** The paths that arguments can set; options are those of the plugins that the spec on the command line chooses. */
async function pathsOf(args: readonly string[]): Promise<readonly string[]> {
  const { draftSpec } = await import('@fedx/core/host');
  const file = args.slice(1).find((arg) => /\.ya?ml$/.test(arg)) ?? '';
  const [schema, draft] = await Promise.all([readSpecSchema(), draftSpec(file, [])]);
  return overridePaths(schema, draft).map(({ value }) => value.slice(0, -1));
}

function nearestPath(name: string, paths: readonly string[], nearest: typeof nearestName): string | undefined {
  const nameOf = (path: string): string => (name.includes('.') ? path : path.slice(path.lastIndexOf('.') + 1));
  const near = nearest(name, paths.map(nameOf));
  return paths.find((path) => nameOf(path) === near);
}
