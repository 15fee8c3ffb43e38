import type { CallOptions } from './http.js';
import type { LoggedModels } from './logged-models.js';
import { MlflowError } from './mlflow-error.js';
import type { ModelVersions } from './model-versions.js';
import type { RegisteredModels } from './registered-models.js';
import type { Runs } from './runs.js';

/**
 * Whose artifacts: a run's by its id, or those of a run, a LoggedModel or a model version by an address: the `artifactUri`
 * that runs and LoggedModels have, or one that Python's client takes as well:
 *
 * - `runs:/<run>/<path>`, a folder of a run;
 * - `models:/<model id>`, a LoggedModel;
 * - `models:/<name>/<version>`, `models:/<name>@<alias>`, `models:/<name>/latest` and `models:/<name>/<stage>`, a version of
 *   a registered model, which can be read but not written; a path may follow.
 */
export type ArtifactOwner = { readonly runId: string } | { readonly artifactUri: string };

/** What the address of a model names, and the folder within it. */
export interface ModelAddress {
  readonly model:
    | { readonly id: string }
    | { readonly name: string; readonly version: string }
    | { readonly name: string; readonly alias: string }
    /** The latest version of a stage, or of all. */
    | { readonly name: string; readonly stage?: string };
  readonly path: string;
}

/** Reads `models:/…` as Python's client does. Throws CLIENT_INVALID_ARGUMENT. */
export function parseModelAddress(address: string): ModelAddress {
  const [first = '', second, ...rest] = address
    .replace(/^models:\/+/, '')
    .replace(/\/+$/, '')
    .split('/');
  const at = first.lastIndexOf('@');
  const [name, alias] = at < 0 ? [first, undefined] : [first.slice(0, at), first.slice(at + 1)];
  if (name.trim() === '' || alias?.trim() === '' || second?.trim() === '') {
    throw new MlflowError(
      'CLIENT_INVALID_ARGUMENT',
      `${JSON.stringify(address)} is no address of a model: models:/<name>/<version>, models:/<name>@<alias>, ` +
        'models:/<name>/latest and models:/<model id> are.',
    );
  }
  if (alias !== undefined) return { model: { name, alias }, path: [second ?? '', ...rest].join('/') };
  if (second === undefined) return { model: { id: name }, path: '' };
  const path = rest.join('/');
  if (/^\d+$/.test(second)) return { model: { name, version: second }, path };
  return { model: second.toLowerCase() === 'latest' ? { name } : { name, stage: second }, path };
}

export interface ArtifactOwners {
  readonly runs: Pick<Runs, 'get'>;
  readonly loggedModels: Pick<LoggedModels, 'get'>;
  readonly registeredModels: Pick<RegisteredModels, 'getByAlias'>;
  readonly modelVersions: Pick<ModelVersions, 'downloadUri' | 'latest'>;
}

/** A model version may lie in a LoggedModel and that in a run; more turns than these are a circle. */
const MOST_TURNS = 4;

/**
 * Where an owner's artifacts lie, as an address of the store. Asks the server as often as it takes. To be written there,
 * too, unless `toRead`: throws CLIENT_INVALID_ARGUMENT for a version of a registered model, which stays what was registered.
 */
export async function findArtifacts(
  owners: ArtifactOwners,
  owner: ArtifactOwner,
  options: CallOptions & { readonly toRead: boolean },
): Promise<string> {
  let address = 'runId' in owner ? `runs:/${owner.runId}` : owner.artifactUri;
  for (let turn = 0; turn < MOST_TURNS; turn++) {
    const [, scheme] = /^(runs|models):\//.exec(address) ?? [];
    if (scheme === undefined) return address;
    address = scheme === 'runs' ? await ofRun(owners, address, options) : await ofModel(owners, address, options);
  }
  throw new MlflowError(
    'CLIENT_INVALID_RESPONSE',
    `${address} leads from one address to the next, and to no artifacts.`,
  );
}

async function ofRun({ runs }: ArtifactOwners, address: string, options: CallOptions): Promise<string> {
  const [runId = '', ...path] = address.replace(/^runs:\/+/, '').split('/');
  if (runId === '') {
    throw new MlflowError(
      'CLIENT_INVALID_ARGUMENT',
      `${JSON.stringify(address)} names no run: runs:/<run>/<path> does.`,
    );
  }
  return within((await runs.get(runId, options)).artifactUri, path.join('/'));
}

async function ofModel(
  { loggedModels, modelVersions, registeredModels }: ArtifactOwners,
  address: string,
  { signal, toRead }: CallOptions & { readonly toRead: boolean },
): Promise<string> {
  const { model, path } = parseModelAddress(address);
  if ('id' in model) return within((await loggedModels.get(model.id, { signal })).artifactUri, path);
  if (!toRead) {
    throw new MlflowError(
      'CLIENT_INVALID_ARGUMENT',
      `${address} is a version of a registered model, which cannot be changed: write to its run, and register a new version.`,
    );
  }
  const version = await versionOf(model);
  return within(await modelVersions.downloadUri(model.name, version, { signal }), path);

  async function versionOf(asked: Exclude<ModelAddress['model'], { readonly id: string }>): Promise<string> {
    if ('version' in asked) return asked.version;
    if ('alias' in asked) return (await registeredModels.getByAlias(asked.name, asked.alias, { signal })).version;
    return (await modelVersions.latest(asked.name, { ...asked, signal })).version;
  }
}

const within = (address: string, path: string): string =>
  path === '' ? address : `${address.replace(/\/+$/, '')}/${path}`;
