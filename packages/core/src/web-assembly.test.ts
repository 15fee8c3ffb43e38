import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { inSources, wasmModules, wasmText } from '../testing/wasm-modules.js';

it.each(wasmModules.map((module) => [module.path, module] as const))(
  'the module in use is that of %s.wat',
  async (_, module) => {
    const written = await readFile(inSources(`${module.path}-wasm.ts`), 'utf8');
    expect(written === (await wasmText(module)), 'Run npm run generate -w @fedx/core.').toBe(true);
  },
);
