import type { Reporter, TestModule } from 'vitest/node';

/**
 * Ends a test run with one line that people and scripts can read alike: `12 passed, 0 failed`, and
 * `, 3 skipped` where tests were skipped. What is not a test but failed counts as one failure each:
 * a file that could not be loaded, a hook (the tests behind it count as skipped), an error outside every test.
 */
export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const count = { passed: 0, failed: unhandledErrors.length, skipped: 0, pending: 0 };
    for (const module of modules) {
      for (const suite of [module, ...module.children.allSuites()]) count.failed += suite.errors().length;
      for (const test of module.children.allTests()) count[test.result().state] += 1;
    }
    const skipped = count.skipped + count.pending;
    const line = `${count.passed} passed, ${count.failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`;
    // The default reporter writes its own summary in the same hook: ours goes out once everything has been written.
    process.once('exit', () => process.stdout.write(line));
  }
}
