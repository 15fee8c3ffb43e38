import { suggest } from '../../names/index.js';
import { type Finding, pathText } from '../document/diagnostics.js';
import { find, type Tree } from '../document/located-tree.js';
import type { ExpectSpec, ExperimentSpec } from '../experiment-spec.js';
import { type ControlEntry, federatedArm } from './controls.js';

/** What a spec says beside its expectations, as far as that is sound. */
interface Beside {
  readonly controls: readonly ControlEntry[];
  readonly server: Pick<ExperimentSpec['server'], 'rounds'> | undefined;
  readonly evaluate: ExperimentSpec['evaluate'] | undefined;
}

/** Expectations that no arm can meet, and published figures that nobody could look up. */
export function checkExpectations(
  tree: Tree,
  expectations: readonly ExpectSpec[],
  { controls, server, evaluate }: Beside,
): readonly Finding[] {
  const uses = new Map([
    [federatedArm, federatedArm],
    ...controls.map((entry) =>
      typeof entry === 'string' ? ([entry, entry] as const) : ([entry.name ?? entry.use, entry.use] as const),
    ),
  ]);
  return expectations.flatMap(({ arm, at, within: [low, high], published, source }, index) => {
    const findings: Finding[] = [];
    const report = (key: string, message: string, hint: string): void => {
      const path = ['expect', String(index), key];
      const place = find(tree, path) ?? find(tree, path.slice(0, -1));
      findings.push({ at: place?.tree.span ?? tree.span, path: pathText(path), message, hint });
    };
    const use = uses.get(arm);
    if (use === undefined)
      report('arm', `There is no arm ${JSON.stringify(arm)}.`, suggest(arm, [...uses.keys()], 'Arms of this spec'));
    if (low > high) report('within', `No value lies within [${low}, ${high}].`, 'Write the lower bound first.');
    if (published !== undefined && source === undefined)
      report('published', 'A published figure needs its source.', 'Add source: which table of which paper.');
    if (source !== undefined && published === undefined)
      report('source', 'There is a source, but no published figure.', 'Add published, or remove source.');
    // How many epochs a centralized arm makes is known once the data is.
    const rounds = use === undefined || use === 'centralized' ? undefined : server?.rounds;
    if (rounds === undefined) return findings;
    if (typeof at === 'number' && at > rounds)
      report(
        'at',
        `There is no step ${at}: the run has ${rounds} rounds.`,
        'Raise server.rounds, or name an earlier step.',
      );
    else if (typeof at === 'number' && evaluate !== undefined && at % evaluate.every !== 0 && at !== rounds)
      report('at', `Step ${at} is not evaluated: evaluate.every is ${evaluate.every}.`, 'Name a step that is.');
    const evaluations = Math.ceil(rounds / (evaluate?.every ?? 1));
    if (typeof at === 'object' && 'meanOfLast' in at && at.meanOfLast > evaluations)
      report(
        'at',
        `There is no mean of the last ${at.meanOfLast} values: the run is evaluated ${evaluations} times.`,
        'Raise server.rounds, evaluate more often, or lower meanOfLast.',
      );
    if (typeof at === 'object' && 'roundsTo' in at && high > rounds)
      report(
        'within',
        `Up to ${high} rounds are to pass, but the run ends after ${rounds}.`,
        'Raise server.rounds, or lower the upper bound.',
      );
    return findings;
  });
}
