import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { batchLimits, type DatasetInput } from 'mlflow-js-client';
import { parse } from 'yaml';
import { type Environment, runPaths, storageFailed } from '../runs/index.js';
import { pointText } from './tracked-invocation.js';

/** What a tracking server is told about a run besides what happens in it; all of it stands in the run's folder. */
export interface TrackedRun {
  /** Id of the run. */
  readonly run: string;
  /** Id of the invocation that it belongs to; runs of one invocation share a parent. */
  readonly invocation: string;
  /** What the sweep sets in it, e.g. `strategy.mu=0.1 seed=2`; empty where there is no sweep. */
  readonly point: string;
  /** Name of the experiment. */
  readonly name: string;
  /** Absolute path of its folder. */
  readonly directory: string;
  /** The resolved spec, flattened: `client.optimizer.use` → `sgd`. */
  readonly params: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly dataset: DatasetInput;
}

/** Reads the description of a run from its folder. Throws FEDX_STORAGE_FAILED. */
export async function describeTrackedRun(directory: string, run: string): Promise<TrackedRun> {
  const spec = parse(await read(directory, runPaths.spec)) as Readonly<Record<string, unknown>>;
  const environment = JSON.parse(await read(directory, runPaths.environment)) as Partial<Environment> &
    Omit<Environment, 'invocation' | 'plugins'>;
  const manifest = await read(directory, runPaths.partition);
  const partition = JSON.parse(manifest) as { readonly dataset: string };
  const { dataset, name } = spec as { readonly dataset: { readonly use: string }; readonly name: string };
  const { plugins: _, ...described } = spec;
  return {
    run,
    // Runs of early versions know of none.
    invocation: environment.invocation ?? run,
    point: pointText(directory, environment.invocation ?? run, run),
    name,
    directory,
    params: flatten(described),
    tags: {
      'fedx.version': environment.fedx,
      'fedx.spec-hash': environment.specHash,
      'fedx.partition-hash': createHash('sha256').update(manifest).digest('hex'),
      'fedx.seed': String(spec['seed']),
      'fedx.dataset': partition.dataset,
      'mlflow.source.name': name,
      'mlflow.source.type': 'LOCAL',
      ...(environment.commit === undefined ? {} : { 'mlflow.source.git.commit': environment.commit }),
      ...pluginTags(environment),
    },
    dataset: {
      name: dataset.use,
      // MLflow keeps 36 characters of a digest.
      digest: partition.dataset.replace(/^.*:/, '').slice(0, 36),
      sourceType: 'code',
      source: JSON.stringify(dataset),
      tags: { 'mlflow.data.context': 'training' },
    },
  };
}

/** What computed: of packages the version, of a spec's own plugins the SHA-256 of the file. */
function pluginTags({
  packages,
  plugins = {},
}: Pick<Environment, 'packages'> & Partial<Environment>): Record<string, string> {
  const versions = Object.entries(packages).map(([name, version]) => [keyOf(`fedx.package.${name}`), version]);
  const digests = Object.entries(plugins).map(([name, digest]) => [keyOf(`fedx.plugin.${name}`), digest]);
  return Object.fromEntries([...versions, ...digests]) as Record<string, string>;
}

async function read(directory: string, path: readonly string[]): Promise<string> {
  const file = join(directory, ...path);
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw storageFailed('read', file, error);
  }
}

/** Leaves by their path, lists as JSON; cut where MLflow would cut them, and marked where they were. */
export function flatten(value: Readonly<Record<string, unknown>>): Record<string, string> {
  const params: Record<string, string> = {};
  const visit = (item: unknown, path: string): void => {
    if (typeof item === 'object' && item !== null && !Array.isArray(item)) {
      for (const [key, child] of Object.entries(item)) visit(child, path === '' ? key : `${path}.${key}`);
    } else {
      params[keyOf(path)] = shorten(typeof item === 'string' ? item : JSON.stringify(item));
    }
  };
  visit(value, '');
  return params;
}

/** MLflow takes letters, digits and a few signs. */
function keyOf(path: string): string {
  return path.replaceAll(/[^\w./ -]/g, '_').slice(0, batchLimits.keyCharacters);
}

function shorten(text: string): string {
  const characters = Array.from(text);
  const limit = batchLimits.paramCharacters;
  return characters.length <= limit ? text : `${characters.slice(0, limit - 1).join('')}…`;
}
