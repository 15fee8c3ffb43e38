import { readFile } from 'node:fs/promises';
import wabt from 'wabt';

/** The text of `kernels-wasm.ts`, from `kernels.wat`. */
export async function kernelsModule(): Promise<string> {
  const source = await readFile(new URL('../src/parameters/kernels.wat', import.meta.url), 'utf8');
  const { parseWat } = await wabt();
  const module = parseWat('kernels.wat', source, { simd: true, bulk_memory: true });
  try {
    const bytes = Buffer.from(module.toBinary({}).buffer);
    return [
      '/** kernels.wat as WebAssembly, base64: written by `npm run generate -w @fedx/core`. */',
      `export const kernelsWasm =\n  '${bytes.toString('base64')}';`,
      '',
    ].join('\n');
  } finally {
    module.destroy();
  }
}
