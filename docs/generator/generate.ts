/** Writes every generated file: `npm run docs`. A test fails where one of them is stale. */
import { writeFile } from 'node:fs/promises';
import { generatedFiles } from './generated-files.js';

for (const { path, content } of await generatedFiles()) {
  await writeFile(new URL(`../../${path}`, import.meta.url), content);
}
