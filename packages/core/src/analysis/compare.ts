import { FedxError } from '../errors/index.js';
import { type Baseline, chooseBaseline } from './baseline.js';
import { type Configuration, describeArm, differences } from './configurations.js';
import type { FigureOfStep } from './figure.js';
import { type PairedSummary, type SampleSummary, summarisePairedDifferences, summariseSample } from './intervals.js';

/** A run as the comparison sees it. */
export interface ComparedRun {
  readonly id: string;
  readonly seed: number;
  /** The resolved spec as plain data. */
  readonly spec: Readonly<Record<string, unknown>>;
  /** Names who has which images; runs with one split can be paired. Absent where the run does not say. */
  readonly split?: string;
  /** The metric in each completed arm that has it. */
  readonly values: ReadonlyMap<string, number>;
}

/** An arm of one configuration over its seeds. */
export interface ComparedArm extends SampleSummary {
  readonly arm: string;
  readonly configuration: Configuration;
  readonly seeds: readonly number[];
  readonly values: readonly number[];
  /** Ids, in the order of the seeds. */
  readonly runs: readonly string[];
}

/** An arm less a baseline, seed by seed. */
export interface ComparedDifference extends Partial<PairedSummary> {
  readonly arm: string;
  readonly configuration: Configuration;
  readonly baseline: { readonly arm: string; readonly configuration: Configuration };
  /** Seeds that both have, on one split: those that the summary is over; without any there is none. */
  readonly seeds: readonly number[];
  /** Seeds that both have, but on different splits. */
  readonly unpaired: readonly number[];
}

export interface Comparison {
  readonly metric: string;
  readonly at: FigureOfStep;
  /** In the order of the runs; the arms of a configuration side by side. */
  readonly arms: readonly ComparedArm[];
  readonly differences: readonly ComparedDifference[];
}

export interface CompareRequest {
  readonly metric: string;
  readonly at: FigureOfStep;
  /** An arm (`centralized`), or a configuration (`strategy.mu=0`); default: the first configuration. */
  readonly baseline?: string;
}

/** One value of a group; `run` for its split. */
interface Member {
  readonly run: ComparedRun;
  readonly value: number;
}

/** The members of an arm in one configuration, by seed. */
export interface Group {
  readonly arm: string;
  readonly configuration: Configuration;
  readonly members: ReadonlyMap<number, Member>;
  /** Ids of all runs that are of the group, those included in whose place another of the same seed counts. */
  readonly runs: ReadonlySet<string>;
}

/** A group that is being filled. */
interface GrowingGroup extends Group {
  readonly members: Map<number, Member>;
  readonly runs: Set<string>;
  readonly first: number;
}

/**
 * Groups runs by what their specs differ in other than the seed, and summarises each group over its seeds. Of runs that
 * are the same in everything the last one counts: a repetition without a new seed is no new evidence.
 * Differences are paired by seed where both runs had the same images in the same places.
 * Throws FEDX_COMPARE_IMPOSSIBLE where no run has the metric, and where no single configuration or arm is the baseline.
 */
export function compareRuns(runs: readonly ComparedRun[], { metric, at, baseline }: CompareRequest): Comparison {
  const groups = groupRuns(runs);
  if (groups.length === 0) {
    throw new FedxError('FEDX_COMPARE_IMPOSSIBLE', `No completed arm has ${metric} at ${at}.`);
  }
  const chosen = chooseBaseline(groups, baseline);
  return {
    metric,
    at,
    arms: groups.map(summariseGroup),
    differences: groups.flatMap((group) => {
      const other = baselineOf(group, groups, chosen);
      return other === undefined || other === group ? [] : [subtractGroups(group, other)];
    }),
  };
}

function groupRuns(runs: readonly ComparedRun[]): readonly Group[] {
  const arms = [...new Set(runs.flatMap(({ values }) => [...values.keys()]))];
  const keyed = new Map<string, GrowingGroup>();
  for (const [place, arm] of arms.entries()) {
    const own = runs.filter(({ values }) => values.has(arm));
    const configurations = differences(own.map(({ spec }) => describeArm(spec, arm)));
    own.forEach((run, index) => {
      const configuration = configurations[index] ?? {};
      const key = JSON.stringify([arm, Object.entries(configuration).toSorted()]);
      const group = keyed.get(key) ?? {
        arm,
        configuration,
        members: new Map(),
        runs: new Set<string>(),
        first: runs.indexOf(run) * arms.length + place,
      };
      keyed.set(key, group);
      group.runs.add(run.id);
      group.members.set(run.seed, { run, value: run.values.get(arm) ?? Number.NaN });
    });
  }
  return [...keyed.values()].toSorted((a, b) => a.first - b.first);
}

function summariseGroup({ arm, configuration, members }: Group): ComparedArm {
  const sorted = [...members].toSorted(([a], [b]) => a - b);
  const values = sorted.map(([, { value }]) => value);
  return {
    arm,
    configuration,
    ...summariseSample(values),
    seeds: sorted.map(([seed]) => seed),
    values,
    runs: sorted.map(([, { run }]) => run.id),
  };
}

/** What a group is held against: the same configuration in another arm, or the same arm in another configuration. */
function baselineOf(group: Group, groups: readonly Group[], baseline: Baseline): Group | undefined {
  const isBaseline = (other: Group): boolean =>
    baseline.type === 'arm'
      ? other.arm === baseline.arm && sharesRuns(group, other)
      : other.arm === group.arm && baseline.groups.includes(other);
  return groups.find(isBaseline);
}

/** Arms of one configuration come from the same runs; a control that does not see what is swept comes from all of them. */
function sharesRuns(a: Group, b: Group): boolean {
  return [...a.runs].some((id) => b.runs.has(id));
}

function subtractGroups(group: Group, baseline: Group): ComparedDifference {
  const common = [...group.members]
    .toSorted(([a], [b]) => a - b)
    .flatMap(([seed, member]) => {
      const other = baseline.members.get(seed);
      return other === undefined ? [] : [{ seed, member, other }];
    });
  const isPaired = ({ member, other }: (typeof common)[number]): boolean =>
    member.run.split !== undefined && member.run.split === other.run.split;
  const paired = common.filter(isPaired);
  return {
    arm: group.arm,
    configuration: group.configuration,
    baseline: { arm: baseline.arm, configuration: baseline.configuration },
    seeds: paired.map(({ seed }) => seed),
    unpaired: common.filter((pair) => !isPaired(pair)).map(({ seed }) => seed),
    ...(paired.length === 0
      ? {}
      : summarisePairedDifferences(
          paired.map(({ member }) => member.value),
          paired.map(({ other }) => other.value),
        )),
  };
}
