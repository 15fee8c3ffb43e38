import { basename, resolve } from 'node:path';
import { packageVersion } from './built-ins.js';
import { type Created, reportCreated } from './report-created.js';
import { writeTemplates } from './write-templates.js';

export interface StartProjectCommand extends Created {
  /** Where to write, from the working directory. */
  readonly directory: string;
}

/** Writes a project: a spec that runs, and a plugin that it uses. Throws FEDX_FILE_EXISTS where a file is there already. */
export async function startProject({ directory, mode, terminal }: StartProjectCommand): Promise<void> {
  const words = { name: nameOf(resolve(directory)), fedx: `^${await packageVersion()}` };
  const files = await writeTemplates(['project'], directory, words);
  reportCreated({ directory, files, next: ['npm install', 'npx fedx run experiment.yaml'], mode, terminal });
}

/** What the project is called: its folder, as far as npm and specs allow. */
function nameOf(directory: string): string {
  const name = basename(directory)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return name.slice(0, 100) || 'experiments';
}
