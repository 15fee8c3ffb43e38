import { describe, expect, it } from 'vitest';
import { blocksOf, fileNameOf } from './blocks.js';

const page = `# A page

\`\`\`sh
one
\`\`\`

<!-- not run: it takes an hour -->
\`\`\`sh
two
\`\`\`

<!-- exits with 2 -->

\`\`\`yaml
# three.yaml
name: three
\`\`\`
`;

describe('blocksOf', () => {
  it('finds every block with its line and its note', () => {
    expect(blocksOf(page)).toEqual([
      { line: 3, language: 'sh', text: 'one\n', exitCode: 0 },
      { line: 8, language: 'sh', text: 'two\n', exitCode: 0, exempt: 'it takes an hour' },
      { line: 14, language: 'yaml', text: '# three.yaml\nname: three\n', exitCode: 2 },
    ]);
  });

  it('reads the name that a block gives itself', () => {
    expect(blocksOf(page).map(fileNameOf)).toEqual([undefined, undefined, 'three.yaml']);
  });
});
