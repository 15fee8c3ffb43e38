import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { FedxError } from '../../errors/index.js';
import { nearestName } from '../../names/index.js';
import { maxBytes, tooLarge } from './limits.js';
import { fileSource } from './source.js';

/**
 * The text of a spec file. Reads no more than the largest spec is long, whatever the file.
 * Throws FEDX_SPEC_NOT_FOUND, FEDX_SPEC_TOO_LARGE, and FEDX_SPEC_SYNTAX where the file is not UTF-8.
 */
export async function readSpec(file: string): Promise<string> {
  const bytes = await readSome(file);
  if (bytes.length > maxBytes) throw tooLarge(fileSource(file, ''));
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new FedxError('FEDX_SPEC_SYNTAX', `${file} is not UTF-8 text.`, {
      place: { file },
      hint: 'A spec is a YAML text; check that the file is the spec and save it as UTF-8.',
      cause,
    });
  }
}

/**
 * The text of a spec that another one extends; messages call it `name`. It must be a regular file: nothing ever comes
 * out of a pipe or a terminal that nobody writes to. Throws as {@link readSpec} does.
 */
export async function readBaseSpec(path: string, name: string): Promise<string> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new FedxError('FEDX_SPEC_NOT_FOUND', notRead(name, cause), { place: { file: name }, cause });
  });
  if (found.isFile()) return readSpec(path);
  const message = found.isDirectory() ? `${name} is a folder, not a spec file.` : `${name} is no regular file.`;
  throw new FedxError('FEDX_SPEC_NOT_FOUND', message, { place: { file: name } });
}

async function readSome(file: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of createReadStream(file, { end: maxBytes })) chunks.push(chunk as Buffer);
  } catch (cause) {
    const hint = await missingHint(file);
    throw new FedxError('FEDX_SPEC_NOT_FOUND', notRead(file, cause), { place: { file }, cause, ...hint });
  }
  return Buffer.concat(chunks);
}

function notRead(file: string, cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') return `There is no spec file ${file}.`;
  if (code === 'EISDIR') return `${file} is a folder, not a spec file.`;
  return `The spec file ${file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}.`;
}

/** What to do where the file that was named is not there: the name may be misspelt, or be no name of a file at all. */
async function missingHint(file: string): Promise<{ readonly hint: string } | undefined> {
  if (/^\+?[\w."-]+=/.test(file)) return { hint: 'The spec comes first, path=value arguments after it.' };
  const siblings = await readdir(dirname(file)).catch(() => []);
  const specs = siblings.filter((name) => /\.ya?ml$/.test(name));
  const near = nearestName(basename(file), specs);
  return near === undefined || near === basename(file)
    ? undefined
    : { hint: `Did you mean ${join(dirname(file), near)}?` };
}
