/**
 * One thing that every plugin of a kind must do. `run` rejects, with an AssertionError or with fedx's own error, where
 * the plugin does not do it. Hand it to any test runner: `for (const { title, run } of checks) test(title, run);`
 */
export interface ConformanceCheck {
  /** What the plugin does, without its name: `gives no example twice`. */
  readonly title: string;
  readonly run: () => Promise<void>;
}
