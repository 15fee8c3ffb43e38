import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { visibleCommands } from '../../docs/generator/cli-reference.js';
import { generatedFiles } from '../../docs/generator/generated-files.js';

const files = await generatedFiles();
const commands = await visibleCommands();

describe('a generated file is what the program makes now (npm run docs)', () => {
  it.each(files)('$path', ({ path, content }) => {
    expect(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')).toBe(content);
  });
});

describe('the help of a command', () => {
  it.each(commands)('$id says what it does and shows it by examples that begin with its name', (command) => {
    expect(command.summary).toMatch(/^[A-Z].*\.$/);
    expect(command.description).toBeTruthy();
    expect(command.examples?.length).toBeGreaterThan(0);
    const starts = '<%= config.bin %> <%= command.id %>';
    expect(command.examples?.filter((example) => typeof example !== 'string' || !example.startsWith(starts))).toEqual(
      [],
    );
  });
});
