/** Which metrics a run has, as far as its spec tells, so that what it asks of a metric that is not there is found before it runs. */

import { nearestName } from '../../names/index.js';
import { type Finding, pathText, quote } from '../document/diagnostics.js';
import { find, type Tree } from '../document/located-tree.js';
import type { ControlSpec, ExperimentSpec, Slot } from '../experiment-spec.js';
import { type ControlEntry, federatedArm } from './controls.js';

/** What decides the keys of an arm's metrics. */
export interface MetricFacts {
  /** What the arm is. */
  readonly use: ControlSpec['use'] | typeof federatedArm;
  /** Names of `evaluate.metrics`. */
  readonly metrics: readonly string[];
  /** Whether there is a validation set. */
  readonly validation: boolean;
}

/** The keys that can be listed, as a shell would write them: `test/{accuracy,loss}`; beside them are those of {@link metricsOf}. */
function families(facts: MetricFacts): readonly string[] {
  const names = choice(['accuracy', ...facts.metrics]);
  const { global, clients } = setsOf(facts);
  return [
    ...global.map((set) => `${set}/${choice(['accuracy', ...facts.metrics, 'loss'])}`),
    ...clients.flatMap((set) => [`${set}/${names}/{mean,p10,min}`, `${set}/{counted,left-out}`]),
    'local/loss',
    ...(facts.use === 'local-only' ? [] : ['update/norm']),
    'progress/{examples,local-steps}',
    'time/round-seconds',
    ...(isFederation(facts) ? ['bytes/{down,up}', 'clients/failed', 'cohort/updates', 'privacy/{epsilon,delta}'] : []),
  ];
}

function choice(names: readonly string[]): string {
  return names.length === 1 ? names.join() : `{${names.join()}}`;
}

/** The keys that a family stands for. */
function keysOf(family: string): readonly string[] {
  const [, before = '', names, after = ''] = /^([^{]*)\{([^}]*)\}(.*)$/.exec(family) ?? [];
  return names === undefined ? [family] : names.split(',').flatMap((name) => keysOf(`${before}${name}${after}`));
}

/** Whether an arm may have a metric of some key: one of the list, one of a class, and what plugins name themselves. */
function metricsOf(facts: MetricFacts): (key: string) => boolean {
  const { global, clients } = setsOf(facts);
  const listed = new Set(families(facts).flatMap(keysOf));
  const ofPlugins = [
    ...[...global, ...clients].flatMap((set) => facts.metrics.map((name) => `${set}/${name}/`)),
    ...(isFederation(facts) ? ['strategy/', 'transform/'] : []),
  ];
  return (key) =>
    listed.has(key) ||
    ofPlugins.some((prefix) => key.startsWith(prefix)) ||
    global.some((set) => key.startsWith(`${set}/accuracy/class-`) && /\/class-\d+$/.test(key));
}

function isFederation({ use }: MetricFacts): boolean {
  return use === federatedArm || use === 'iid';
}

/** The sets that the deployed model is scored on as a whole, and those of which there are figures over clients. */
function setsOf(facts: MetricFacts): { readonly global: readonly string[]; readonly clients: readonly string[] } {
  const personal = ['personal/own-test', 'personal/test'];
  if (facts.use === 'local-only') return { global: [], clients: personal };
  return {
    global: facts.validation ? ['test', 'validation'] : ['test'],
    clients: ['clients/own-test', ...(isFederation(facts) ? personal : [])],
  };
}

/** What a spec expects of metrics, and what it stops by. */
type Asked = Pick<ExperimentSpec, 'expect' | 'server'> & { readonly controls: readonly ControlEntry[] };

/** Metrics that `expect` and `server.stop` ask for, and no evaluation has. */
export function checkMetricKeys(
  tree: Tree,
  { expect, server: { stop }, controls }: Asked,
  facts: Omit<MetricFacts, 'use'>,
): readonly Finding[] {
  const uses = new Map<string, MetricFacts['use']>([[federatedArm, federatedArm]]);
  for (const entry of controls) {
    if (typeof entry === 'string') uses.set(entry, entry);
    else uses.set(entry.name ?? entry.use, entry.use);
  }
  const known = new Map([...uses].map(([arm, use]) => [arm, metricsOf({ ...facts, use })]));
  const asked = [
    ...expect.map(({ arm, metric }, index) => ({ path: ['expect', String(index), 'metric'], arm, metric })),
    ...(stop === undefined ? [] : [{ path: ['server', 'stop', 'metric'], arm: federatedArm, metric: stop.metric }]),
  ];
  return asked.flatMap(({ path, arm, metric }) => {
    const use = uses.get(arm);
    if (use === undefined || known.get(arm)?.(metric) === true) return [];
    const needsValidation = metric.startsWith('validation/') && !facts.validation && use !== 'local-only';
    return [
      {
        at: find(tree, path)?.tree.span ?? tree.span,
        path: pathText(path),
        message: `The arm ${arm} has no metric ${quote(metric)}.`,
        hint: needsValidation
          ? 'There is no validation set: give it a share of the data with holdout.validation.'
          : suggestMetric(metric, families({ ...facts, use })),
      },
    ];
  });
}

/** `Did you mean test/accuracy? Its metrics: test/{accuracy,loss}.`; a key that ends alike may be meant, too. */
function suggestMetric(metric: string, known: readonly string[]): string {
  const keys = known.flatMap(keysOf);
  const near =
    nearestName(metric, keys) ?? keys.find((key) => key.endsWith(`/${metric}`) || key.includes(`/${metric}/`));
  return `${near === undefined ? '' : `Did you mean ${near}? `}Its metrics: ${known.join(', ')}.`;
}

/** Metrics that are chosen more than once: their keys would be the same. */
export function checkMetrics(tree: Tree, metrics: readonly Slot[]): readonly Finding[] {
  return metrics.flatMap(({ use }, index) => {
    if (metrics.findIndex((metric) => metric.use === use) === index) return [];
    const path = ['evaluate', 'metrics', String(index)];
    return [
      {
        at: find(tree, path)?.tree.span ?? tree.span,
        path: pathText(path),
        message: `The metric ${use} is chosen twice.`,
        hint: 'Keep one of them: the keys of a metric are its name.',
      },
    ];
  });
}
