import { isDeepStrictEqual } from 'node:util';
import { parse } from 'yaml';
import { FedxError } from '../errors/index.js';
import { overridesText } from '../spec/index.js';
import type { Group } from './compare.js';
import type { Configuration } from './configurations.js';

/** What others are held against: an arm of the same runs, or one configuration in each arm. */
export type Baseline =
  | { readonly type: 'arm'; readonly arm: string }
  | { readonly type: 'configuration'; readonly groups: readonly Group[] };

/**
 * The baseline that `text` names: an arm, or `path=value` pairs apart by spaces that fit one configuration. Without a
 * text it is the first configuration. Throws FEDX_COMPARE_IMPOSSIBLE where it fits none, or several.
 */
export function chooseBaseline(groups: readonly Group[], text: string | undefined): Baseline {
  if (text === undefined) return { type: 'configuration', groups: firstOfEachArm(groups) };
  if (groups.some(({ arm }) => arm === text)) return { type: 'arm', arm: text };
  const asked = parsePairs(text);
  const fitting = asked === undefined ? [] : groups.filter(({ configuration }) => fits(configuration, asked));
  const [first] = fitting;
  if (first === undefined) throw noBaseline(`No arm or configuration is ${JSON.stringify(text)}.`, groups);
  if (fitting.length > new Set(fitting.map(({ arm }) => arm)).size) {
    throw noBaseline(`${JSON.stringify(text)} fits several configurations.`, fitting);
  }
  return { type: 'configuration', groups: fitting };
}

function firstOfEachArm(groups: readonly Group[]): readonly Group[] {
  return groups.filter((group) => groups.find(({ arm }) => arm === group.arm) === group);
}

/** Undefined where it is no list of pairs. */
function parsePairs(text: string): Configuration | undefined {
  const pairs = text.trim().split(/\s+/);
  if (pairs.some((pair) => pair.indexOf('=') < 1)) return undefined;
  try {
    return Object.fromEntries(
      pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), parse(pair.slice(pair.indexOf('=') + 1)) as unknown]),
    );
  } catch {
    return undefined;
  }
}

function fits(configuration: Configuration, asked: Configuration): boolean {
  return Object.entries(asked).every(([path, value]) => isDeepStrictEqual(configuration[path], value));
}

function noBaseline(message: string, groups: readonly Group[]): FedxError {
  const configurations = new Set(groups.map(({ configuration }) => overridesText(configuration)).filter(Boolean));
  const arms = new Set(groups.map(({ arm }) => arm));
  const shown = [...configurations].slice(0, 20).map((text) => JSON.stringify(text));
  const hint = [
    `Arms: ${[...arms].join(', ')}.`,
    ...(shown.length === 0 ? [] : [`Configurations: ${shown.join(', ')}${configurations.size > 20 ? ', …' : ''}.`]),
  ].join(' ');
  return new FedxError('FEDX_COMPARE_IMPOSSIBLE', message, { hint });
}
