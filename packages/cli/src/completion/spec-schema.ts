import { readFile } from 'node:fs/promises';
import type { JsonSchema } from '@fedx/core/host';

const file = new URL('../../schema/experiment.schema.json', import.meta.url);

/** The schema of specs with the plugins that ship, as editors have it. */
export async function readSpecSchema(): Promise<JsonSchema> {
  return JSON.parse(await readFile(file, 'utf8')) as JsonSchema;
}
