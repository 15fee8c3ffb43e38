/** What runs of before have done of what is asked for now. */
import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Catalogue } from '../../plugins/index.js';
import { type Environment, type InvocationRecord, listInvocationIds, readInvocation } from '../../runs/index.js';
import { hashSpec, type SpecPoint } from '../../spec/index.js';
import { fedxVersion } from '../../version.js';
import { optionFileDigests } from './option-files.js';
import { pointsBefore, readRunEnvironment } from './resume.js';

/** How much of a request is done. */
export interface Standing {
  readonly name: string;
  /** Whether the spec expects anything. */
  readonly expects: boolean;
  readonly points: number;
  /** Points that no completed run has. */
  readonly missing: number;
  /** The invocation that did the others. */
  readonly invocation?: string;
}

/** A request and what its results hang on beside its points. */
export interface Asked {
  /** The working directory. */
  readonly directory: string;
  /** The spec, absolute. */
  readonly file: string;
  readonly points: readonly SpecPoint[];
  /** SHA-256 of each plugin file, by its name in the spec. */
  readonly plugins: Readonly<Record<string, string>>;
  readonly catalogue: Catalogue;
}

/**
 * The record of the latest invocation that set out to do the same: points of the same hashes, from the same file, by this
 * version of fedx with the same plugins and files. Undefined where there is none; a record that cannot be read does not count.
 */
export async function findEarlier({
  directory,
  file,
  points,
  plugins,
  catalogue,
}: Asked): Promise<InvocationRecord | undefined> {
  const hashes = points.map(({ spec }) => hashSpec(spec));
  const fedx = await fedxVersion();
  let files: readonly Environment['files'][] | undefined;
  for (const id of listInvocationIds(directory).toReversed()) {
    const record = tryReading(directory, id);
    if (record?.file !== file) continue;
    const before = record.points.map(({ specHash }) => specHash);
    if (!isDeepStrictEqual(before, hashes)) continue;
    files ??= await Promise.all(points.map(({ spec }) => optionFileDigests(spec, catalogue, dirname(file))));
    const asked = files.map((ofPoint) => ({ fedx, plugins, files: ofPoint }));
    const isOurs = (run: string, point: number): boolean => {
      const environment = readRunEnvironment(directory, run);
      const { fedx: version, plugins: digests, files: named } = environment ?? {};
      return isDeepStrictEqual({ fedx: version, plugins: digests, files: named }, asked[point]);
    };
    if (record.points.every(({ runs }, point) => runs.every((run) => isOurs(run, point)))) return record;
  }
  return undefined;
}

function tryReading(directory: string, id: string): InvocationRecord | undefined {
  try {
    return readInvocation(directory, id);
  } catch {
    return undefined;
  }
}

/** How much of a request earlier runs have done. */
export async function standingOf(asked: Asked): Promise<Standing> {
  const { directory, points } = asked;
  const earlier = await findEarlier(asked);
  const done = earlier === undefined ? 0 : pointsBefore(directory, earlier).completed.size;
  return {
    name: points[0]?.spec.name ?? '',
    expects: points.some(({ spec }) => spec.expect.length > 0),
    points: points.length,
    missing: points.length - done,
    ...(earlier !== undefined && { invocation: earlier.id }),
  };
}
