/** A fenced block of a page. */
export interface Block {
  /** Line of its opening fence, from 1. */
  readonly line: number;
  /** What stands behind the fence, e.g. `sh`. */
  readonly language: string;
  readonly text: string;
  /** Why it is not checked, from `<!-- not run: reason -->` on the line before. */
  readonly exempt?: string;
  /** The exit code it should end with, from `<!-- exits with 2 -->` on the line before. */
  readonly exitCode: number;
}

const fence =
  /^(?:<!-- (?:not run: (?<exempt>.+?)|exits with (?<code>\d+)) -->\n+)?```(?<language>\w+)\n(?<text>[^]*?)^```$/gm;

/** The fenced blocks of a Markdown page, in their order. */
export function blocksOf(page: string): readonly Block[] {
  return [...page.matchAll(fence)].map(({ 0: whole, groups = {}, index }) => {
    const { code = '0', exempt, language = '', text = '' } = groups;
    const opening = index + whole.indexOf('```');
    return {
      line: page.slice(0, opening).split('\n').length,
      language,
      text,
      exitCode: Number(code),
      ...(exempt !== undefined && { exempt }),
    };
  });
}

/** The name that a block gives itself in its first line, such as `// fedprox.ts` or `# first.yaml`. */
export function fileNameOf({ text }: Block): string | undefined {
  return /^(?:\/\/|#) ([\w.-]+\.\w+)\n/.exec(text)?.[1];
}
