import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { Resvg } from '@resvg/resvg-js';
import { figures } from './figures.js';
import { withTables } from './page.js';
import { readRecords } from './records.js';
import { tables } from './tables.js';

const docs = new URL('../../../docs/', import.meta.url);

/** Makes the tables and figures of docs/studies/label-skew.md from the results. */
export async function writeReport(): Promise<void> {
  const records = await readRecords();
  const page = new URL('studies/label-skew.md', docs);
  await writeFile(page, withTables(await readFile(page, 'utf8'), tables(records)));
  await mkdir(new URL('figures/', docs), { recursive: true });
  for (const { name, svg } of figures(records)) {
    await writeFile(new URL(`figures/${name}.svg`, docs), svg);
    await writeFile(
      new URL(`figures/${name}.png`, docs),
      new Resvg(svg, { font: { loadSystemFonts: true } }).render().asPng(),
    );
  }
}
