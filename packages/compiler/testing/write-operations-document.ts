/** `npm run docs:ops` */
import { writeFile } from 'node:fs/promises';
import { operationsDocument } from './operations-document.js';

await writeFile(new URL('../../../docs/ops.md', import.meta.url), operationsDocument());
