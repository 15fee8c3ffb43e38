import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { JsonSchema } from '@fedx/core/host';
import { cliReference } from './cli-reference.js';
import { readCommands } from './command-manifest.js';
import { specReference } from './spec-reference.js';

const root = new URL('../../', import.meta.url);

/** A file of the repository that is made from the program, all of it or a part. */
export interface GeneratedFile {
  /** From the repository's root. */
  readonly path: string;
  readonly content: string;
}

const begin = '<!-- Made from the schema: npm run docs. -->';
const end = '<!-- End of what is made. -->';

/** Every generated file as it should be. The packages must be built. */
export async function generatedFiles(): Promise<readonly GeneratedFile[]> {
  const schema = await printedSchema();
  const page = await readFile(new URL('docs/spec.md', root), 'utf8');
  return [
    { path: 'schema/experiment.schema.json', content: schema },
    // npm packs only what lies in the package's own folder.
    { path: 'packages/cli/schema/experiment.schema.json', content: schema },
    { path: 'docs/spec.md', content: between(page, specReference(JSON.parse(schema) as JsonSchema)) },
    { path: 'docs/cli.md', content: await cliReference() },
    { path: 'packages/cli/oclif.manifest.json', content: `${JSON.stringify(await readCommands(), null, 2)}\n` },
  ];
}

/** What `fedx schema` prints. */
async function printedSchema(): Promise<string> {
  const program = fileURLToPath(new URL('packages/cli/bin/fedx.js', root));
  const { stdout } = await promisify(execFile)(process.execPath, [program, 'schema']);
  return stdout;
}

/** `page` with `text` between the markers. */
function between(page: string, text: string): string {
  const [before = '', rest = ''] = page.split(begin);
  const [, after = ''] = rest.split(end);
  return `${before}${begin}\n\n${text}\n\n${end}${after}`;
}
