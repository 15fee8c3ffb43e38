import type { ConformanceCheck } from '../src/conformance/index.js';

/** Runs checks one after the other; the titles of those that failed, in order. */
export async function titlesOfFailures(checks: readonly ConformanceCheck[]): Promise<readonly string[]> {
  const titles: string[] = [];
  for (const { title, run } of checks) await run().catch(() => titles.push(title));
  return titles;
}
