import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { generatedFiles } from '../../docs/generator/generated-files.js';

const files = await generatedFiles();

describe('a generated file is what the program makes now (npm run docs)', () => {
  it.each(files)('$path', ({ path, content }) => {
    expect(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')).toBe(content);
  });
});
