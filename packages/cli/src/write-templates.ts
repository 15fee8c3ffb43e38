import { lstat, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { FedxError } from '@fedx/core';
import { packageFolder } from './package-folder.js';

const templates = join(packageFolder, 'templates');

/** A file to be written. */
interface Draft {
  /** From the folder that is written to. */
  readonly path: string;
  readonly text: string;
}

/**
 * Writes the files of some template folders to `directory`, and returns their paths in it, sorted. In paths and texts
 * `__word__` becomes the word of that name. Writes nothing where one of the files is there already: FEDX_FILE_EXISTS.
 */
export async function writeTemplates(
  names: readonly string[],
  directory: string,
  words: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  const drafts = (await Promise.all(names.map((name) => readTemplate(name, words)))).flat();
  const taken = await firstTaken(drafts.map(({ path }) => join(directory, path)));
  if (taken !== undefined) throw exists(taken);
  for (const { path, text } of drafts) await write(join(directory, path), text);
  return drafts.map(({ path }) => path).sort();
}

async function readTemplate(name: string, words: Readonly<Record<string, string>>): Promise<readonly Draft[]> {
  const folder = join(templates, name);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(
    files.map(async (file) => ({
      // npm leaves files called .gitignore out of packages.
      path: fillIn(relative(folder, file), words).replace(/^gitignore$/, '.gitignore'),
      text: fillIn(await readFile(file, 'utf8'), words),
    })),
  );
}

function fillIn(text: string, words: Readonly<Record<string, string>>): string {
  return text.replace(/__([a-z]+)__/g, (placeholder, word: string) => words[word] ?? placeholder);
}

async function firstTaken(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    const found = await lstat(path).catch(() => undefined);
    if (found !== undefined) return path;
  }
  return undefined;
}

async function write(path: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text, { flag: 'wx' });
  } catch (cause) {
    const { code, path: inTheWay = path } = cause as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw exists(inTheWay);
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FedxError('FEDX_STORAGE_FAILED', `${path} could not be written: ${reason}`, {
      place: { file: path },
      hint: 'Check that the folder can be written to.',
      cause,
    });
  }
}

function exists(path: string): FedxError {
  return new FedxError('FEDX_FILE_EXISTS', `${path} is there already; nothing is overwritten.`, {
    place: { file: path },
  });
}
