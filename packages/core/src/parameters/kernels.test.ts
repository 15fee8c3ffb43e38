import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { kernelsModule } from '../../testing/kernels-module.js';

it('the kernels in use are those of kernels.wat', async () => {
  const written = await readFile(new URL('./kernels-wasm.ts', import.meta.url), 'utf8');
  expect(written === (await kernelsModule()), 'Run npm run generate -w @fedx/core.').toBe(true);
});
