import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { blocksOf, fileNameOf } from './blocks.js';
import { openScratchProject, type ScratchProject } from './scratch-project.js';

const root = new URL('../../', import.meta.url);
const pages = [
  'README.md',
  ...readdirSync(new URL('docs', root), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

/** What a piece of a spec is laid over before it is checked. */
const whole = {
  apiVersion: 'fedx/v1',
  name: 'piece',
  dataset: { use: 'mnist' },
  partition: { use: 'iid', clients: 10 },
  model: { use: 'mlp' },
  client: { optimizer: { use: 'sgd', learningRate: 0.1 } },
  server: { rounds: 1 },
};

// A block that cannot be run or checked says why: <!-- not run: reason --> on the line before it.
for (const page of pages) {
  const blocks = blocksOf(readFileSync(new URL(page, root), 'utf8'));
  const checked = blocks.filter(({ exempt, language }) => exempt === undefined && ['sh', 'yaml'].includes(language));
  if (checked.length === 0) continue;

  describe(page, () => {
    let project: ScratchProject;
    beforeAll(async () => {
      project = await openScratchProject();
      for (const block of blocks) {
        const name = fileNameOf(block);
        if (name !== undefined) await project.write(name, block.text);
      }
    });
    afterAll(() => project.remove());

    for (const block of checked) {
      const { exitCode, language, line, text } = block;
      if (language === 'sh') {
        it(`can be followed at line ${line}`, async () => {
          const result = await project.run(text);
          expect(result.exitCode, result.output).toBe(exitCode);
        });
      } else {
        it(`shows a valid spec at line ${line}, or a piece of one`, async () => {
          const data = parse(text) as Readonly<Record<string, unknown>>;
          const name = fileNameOf(block) ?? `line-${line}.yaml`;
          if ('apiVersion' in data) await project.write(name, text);
          else await project.write(name, stringify({ ...whole, ...data }));
          const result = await project.run(`fedx validate ${name}`);
          expect(result.exitCode, result.output).toBe(0);
        });
      }
    }
  });
}

describe('the pages', () => {
  it('give a reason for each block that is not run', () => {
    const reasons = pages.flatMap((page) =>
      blocksOf(readFileSync(new URL(page, root), 'utf8')).flatMap(({ exempt = [] }) => exempt),
    );
    expect(reasons.filter((reason) => reason.trim().length < 10)).toEqual([]);
  });

  it('write their fences so that this test sees them', () => {
    for (const page of pages) {
      const text = readFileSync(new URL(page, root), 'utf8');
      const fences = text.match(/^ *```/gm) ?? [];
      expect({ page, fences: fences.length }).toEqual({
        page,
        fences: 2 * blocksOf(text).length + 2 * bareFences(text),
      });
    }
  });
});

/** Blocks without a language: what a program prints. */
function bareFences(page: string): number {
  let open = false;
  return page.split('\n').filter((line) => {
    if (!line.startsWith('```')) return false;
    open = !open;
    return open && line === '```';
  }).length;
}
