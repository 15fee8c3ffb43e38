import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** An installed Chromium; .ci/run installs it. A missing one is an error in CI, and elsewhere skips its tests. */
export function findChromium(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const programs = ['chromium', 'chromium-browser', 'google-chrome'];
  const found = folders.flatMap((folder) => programs.map((program) => join(folder, program))).find(existsSync);
  if (found === undefined && process.env['CI'] === 'true')
    throw new Error('There is no Chromium in the PATH: `apt-get install chromium` before the tests.');
  return found;
}
