import { createRandom } from '../random/index.js';
import { type Finding, pathText } from './diagnostics.js';
import { find, type MappingTree, type Tree } from './located-tree.js';
import type { Span } from './source.js';
import { checkDistribution, type Distribution, draw } from './sweep-random.js';
import { maxPoints } from './sweep-schema.js';

/** A value that a sweep gives to a path, and where the sweep says so. */
export interface Assignment {
  /** As an override writes it, e.g. `client.optimizer.learningRate`. */
  readonly path: string;
  readonly key: Span;
  readonly value: Tree;
}

/** Alternatives of which each point takes one: of a list one value, of `zip` and `random` one value for every path. */
export type Axis = readonly (readonly Assignment[])[];

/** The `sweep` of a spec as the structure check leaves it; the other keys are paths with lists of values. */
interface SweepData {
  readonly random?: {
    readonly samples: number;
    readonly seed: number;
    readonly space: Readonly<Record<string, Distribution>>;
  };
}

/** Keys that are read before there are points. */
const notSwept: ReadonlySet<string> = new Set(['apiVersion', 'plugins', 'sweep']);

/**
 * The axes of a sweep in the order of writing, and what is wrong with them beyond their structure: paths that cannot be
 * swept or are swept twice, lists of `zip` that differ in length, empty ranges, more than {@link maxPoints} points.
 */
export function readAxes(
  sweep: MappingTree,
  data: unknown,
): { readonly axes: readonly Axis[]; readonly findings: readonly Finding[] } {
  const findings: Finding[] = [];
  const seen = new Set<string>();
  const axes = [...sweep.entries].map(([name, { key, value }]): Axis => {
    if (name === 'zip' && value.kind === 'mapping') return zipAxis(value);
    if (name === 'random' && value.kind === 'mapping') return randomAxis(value, (data as SweepData).random);
    checkPath(name, key, ['sweep', name]);
    return listOf(value).map((item) => [{ path: name, key, value: item }]);
  });
  checkCount();
  return { axes, findings };

  function zipAxis(zip: MappingTree): Axis {
    const lists = [...zip.entries].map(([path, { key, value }]) => ({ path, key, values: listOf(value), value }));
    const length = lists[0]?.values.length ?? 0;
    for (const { path, key, values, value } of lists) {
      checkPath(path, key, ['sweep', 'zip', path]);
      if (values.length === length) continue;
      findings.push({
        at: value.span,
        path: pathText(['sweep', 'zip', path]),
        message: `The lists of zip go in step, but ${lists[0]?.path ?? ''} has ${length} values and ${path} has ${values.length}.`,
        hint: 'Give them one length; lists beside zip are combined freely.',
      });
    }
    return Array.from({ length }, (_, index) =>
      lists.flatMap(({ path, key, values }) => {
        const value = values[index];
        return value === undefined ? [] : [{ path, key, value }];
      }),
    );
  }

  function randomAxis(tree: MappingTree, random: SweepData['random']): Axis {
    const space = find(tree, ['space'])?.tree;
    if (random === undefined || space?.kind !== 'mapping') return [];
    const stream = createRandom(random.seed).at('sweep');
    const paths = [...space.entries].flatMap(([path, { key, value }]) => {
      const distribution = random.space[path];
      if (distribution === undefined || value.kind !== 'mapping') return [];
      const place = ['sweep', 'random', 'space', path];
      checkPath(path, key, place);
      findings.push(...checkDistribution(distribution, value, place));
      return [{ path, key, value, distribution }];
    });
    return Array.from({ length: random.samples }, (_, sample) =>
      paths.map(({ path, key, value, distribution }) => ({
        path,
        key,
        value: draw(distribution, value, stream.at(path, sample)),
      })),
    );
  }

  function checkPath(path: string, key: Span, place: readonly string[]): void {
    const report = (message: string, hint: string): void => {
      findings.push({ at: key, path: pathText(place), message, hint });
    };
    const [first = ''] = path.split('.');
    if (path.split('.').includes('')) report(`${JSON.stringify(path)} is no path.`, 'Join keys by dots: strategy.mu.');
    else if (notSwept.has(first)) report(`${first} cannot be swept.`, 'It is read before there are points.');
    else if (seen.has(path)) report(`${path} is swept twice.`, 'Keep one of its lists.');
    seen.add(path);
  }

  function checkCount(): void {
    const count = axes.reduce((product, axis) => product * axis.length, 1);
    if (count <= maxPoints) return;
    findings.push({
      at: sweep.span,
      path: 'sweep',
      message: `This sweep has ${count} points; ${maxPoints} is the most.`,
      hint: 'Use shorter lists, or random with that many samples.',
    });
  }
}

function listOf(tree: Tree): readonly Tree[] {
  return tree.kind === 'list' ? tree.items : [];
}
