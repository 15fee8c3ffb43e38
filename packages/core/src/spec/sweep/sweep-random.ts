import type { Random } from '../../random/index.js';
import { type Finding, pathText } from '../document/diagnostics.js';
import { find, type ListTree, type MappingTree, type Tree } from '../document/located-tree.js';
import type { Span } from '../document/source.js';

/** How a path is drawn, as the structure check leaves it: one of the four. */
export interface Distribution {
  readonly uniform?: readonly [number, number];
  readonly logUniform?: readonly [number, number];
  readonly integer?: readonly [number, number];
  readonly choice?: readonly unknown[];
}

/** Drawn numbers have so many digits, so that a point's overrides can be read, typed and told apart. */
const DIGITS = 6;

/** What is wrong with a distribution beyond its structure. `tree` is the distribution, `path` leads to it. */
export function checkDistribution(
  distribution: Distribution,
  tree: MappingTree,
  path: readonly string[],
): readonly Finding[] {
  const [name = '', entry] = [...tree.entries][0] ?? [];
  const [low, high] = distribution.uniform ?? distribution.logUniform ?? distribution.integer ?? [0, 0];
  if (low <= high) return [];
  const message = `Nothing lies between ${low} and ${high}.`;
  return [
    {
      at: entry?.value.span ?? tree.span,
      path: pathText([...path, name]),
      message,
      hint: 'Write the lower bound first.',
    },
  ];
}

/** One value of a distribution, placed where the distribution is written. The stream is the sample's and path's own. */
export function draw(distribution: Distribution, tree: MappingTree, random: Random): Tree {
  const { uniform, logUniform, integer, choice } = distribution;
  if (choice !== undefined) {
    const items = (find(tree, ['choice'])?.tree as ListTree).items;
    return items[random.integer(items.length)] ?? scalar(null, tree.span);
  }
  if (integer !== undefined) {
    const [low, high] = integer;
    return scalar(low + random.integer(high - low + 1), tree.span);
  }
  if (logUniform !== undefined) {
    const [low, high] = logUniform;
    const value = Math.exp(Math.log(low) + random.uniform() * (Math.log(high) - Math.log(low)));
    return scalar(rounded(value, low, high), tree.span);
  }
  const [low, high] = uniform ?? [0, 0];
  return scalar(rounded(low + random.uniform() * (high - low), low, high), tree.span);
}

function rounded(value: number, low: number, high: number): number {
  return Math.min(Math.max(Number(value.toPrecision(DIGITS)), low), high);
}

function scalar(value: number | null, span: Span): Tree {
  return { kind: 'scalar', value, span };
}
