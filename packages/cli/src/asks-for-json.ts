/** Whether a command line asks for JSON; needed where it could not be parsed. What follows `--` is no flag. */
export function asksForJson(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return (end === -1 ? args : args.slice(0, end)).includes('--json');
}
