import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { FedxError } from '@fedx/core';

/** The specs that paths mean: files as they are, of a folder the YAML files in it, by name. Throws FEDX_SPEC_NOT_FOUND. */
export function findSpecs(paths: readonly string[]): readonly string[] {
  return [...new Set(paths.flatMap((path) => (isFolder(path) ? specsIn(path) : [path])))];
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function specsIn(folder: string): readonly string[] {
  const files = readdirSync(folder)
    .filter((name) => /\.ya?ml$/.test(name))
    .toSorted();
  if (files.length === 0) {
    throw new FedxError('FEDX_SPEC_NOT_FOUND', `There is no spec in ${folder}.`, {
      place: { file: folder },
      hint: 'Name a folder with .yaml files in it; folders within are not searched.',
    });
  }
  return files.map((name) => join(folder, name));
}
