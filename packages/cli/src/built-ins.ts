import type { Plugin } from '@fedx/core/host';

/** The plugins that ship with fedx. Loaded when a command needs them, so that `--help` does not wait for them. */
export async function loadBuiltIns(): Promise<readonly Plugin[]> {
  const [{ datasets }, { models, optimizers, schedules }, { partitioners }, { samplers, strategies }] =
    await Promise.all([
      import('@fedx/datasets'),
      import('@fedx/models'),
      import('@fedx/partitioners'),
      import('@fedx/strategies'),
    ]);
  return [...datasets, ...partitioners, ...models, ...optimizers, ...schedules, ...strategies, ...samplers];
}
