import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JsonSchema } from '@fedx/core/host';
import { packageFolder } from '../package-folder.js';

const file = join(packageFolder, 'schema/experiment.schema.json');

/** The schema of specs with the plugins that ship, as editors have it. */
export async function readSpecSchema(): Promise<JsonSchema> {
  return JSON.parse(await readFile(file, 'utf8')) as JsonSchema;
}
