import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = new URL('../../', import.meta.url);

/** A file of the repository that is made from the program, and never by hand. */
export interface GeneratedFile {
  /** From the repository's root. */
  readonly path: string;
  readonly content: string;
}

/** Every generated file as it should be. The packages must be built. */
export async function generatedFiles(): Promise<readonly GeneratedFile[]> {
  const schema = await printedSchema();
  return [
    { path: 'schema/experiment.schema.json', content: schema },
    // npm packs only what lies in the package's own folder.
    { path: 'packages/cli/schema/experiment.schema.json', content: schema },
  ];
}

/** What `fedx schema` prints. */
async function printedSchema(): Promise<string> {
  const program = fileURLToPath(new URL('packages/cli/bin/fedx.js', root));
  const { stdout } = await promisify(execFile)(process.execPath, [program, 'schema']);
  return stdout;
}
