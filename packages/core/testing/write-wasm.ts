/** `npm run generate -w @fedx/core` */
import { writeFile } from 'node:fs/promises';
import { inSources, wasmModules, wasmText } from './wasm-modules.js';

for (const module of wasmModules) await writeFile(inSources(`${module.path}-wasm.ts`), await wasmText(module));
