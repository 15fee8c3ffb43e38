import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import wabt from 'wabt';

/** Modules of ours: `<path>.wat` is their source, and `<path>-wasm.ts` exports what is made of it by this name. */
export const wasmModules: readonly { readonly path: string; readonly name: string }[] = [
  { path: 'parameters/kernels', name: 'kernelsWasm' },
  { path: 'random/philox', name: 'philoxWasm' },
];

/** Where a file of a module lies. */
export function inSources(path: string): URL {
  return new URL(`../src/${path}`, import.meta.url);
}

/** The text of a module's `-wasm.ts`. */
export async function wasmText({ path, name }: (typeof wasmModules)[number]): Promise<string> {
  const source = await readFile(inSources(`${path}.wat`), 'utf8');
  const file = `${basename(path)}.wat`;
  const { parseWat } = await wabt();
  const module = parseWat(file, source, { simd: true, bulk_memory: true });
  try {
    const bytes = Buffer.from(module.toBinary({}).buffer);
    return [
      `/** ${file} as WebAssembly, base64: written by \`npm run generate -w @fedx/core\`. */`,
      `export const ${name} =\n  '${bytes.toString('base64')}';`,
      '',
    ].join('\n');
  } finally {
    module.destroy();
  }
}
