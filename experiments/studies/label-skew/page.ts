/** docs/studies/label-skew.md with its tables made from the records. */

const block = /(<!-- Made from the results: ([a-z]+) -->)[^]*?(<!-- End of what is made. -->)/g;

/** `page` with each table in its place. Throws a TypeError for a place whose table there is not. */
export function withTables(page: string, tables: Readonly<Record<string, string>>): string {
  return page.replaceAll(block, (_, begin: string, name: string, end: string) => {
    const table = tables[name];
    if (table === undefined) throw new TypeError(`The page has a place for the table ${name}, which there is not.`);
    return `${begin}\n\n${table}\n\n${end}`;
  });
}
