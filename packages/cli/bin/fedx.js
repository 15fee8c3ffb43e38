#!/usr/bin/env node
// Committed as it is, not built: npm links it before anything has been built.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const program = new URL('../dist/index.js', import.meta.url);

if (existsSync(program)) {
  const { run } = /** @type {typeof import('../src/index.js')} */ (await import(program.href));
  await run();
} else {
  process.stderr.write(
    `fedx has not been built: ${fileURLToPath(program)} is missing. In the repository's folder, run: npm run build\n`,
  );
  process.exitCode = 5;
}
