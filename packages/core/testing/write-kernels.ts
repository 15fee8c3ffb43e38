/** `npm run generate -w @fedx/core` */
import { writeFile } from 'node:fs/promises';
import { kernelsModule } from './kernels-module.js';

await writeFile(new URL('../src/parameters/kernels-wasm.ts', import.meta.url), await kernelsModule());
