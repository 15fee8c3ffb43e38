import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { programOf, startServer, type Version, versions } from './mlflow-server.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** Addresses by version, of those that are installed. */
    readonly mlflowServers: Readonly<Partial<Record<Version, string>>>;
    /** What all of them keep: a folder for each version. */
    readonly mlflowFolder: string;
  }
}

/** One server of each installed version for all tests. A missing one is an error in CI, and elsewhere skips its tests. */
export async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const missing = versions.filter((version) => programOf(version, 'mlflow') === undefined);
  if (missing.length > 0) {
    const message = `MLflow ${missing.join(' and ')} not installed: run tests/mlflow/install.sh (needs Python 3.10 or later).`;
    if (process.env['CI'] === 'true') throw new Error(message);
    process.stderr.write(`${message} Tests against it are skipped.\n`);
  }
  const directory = await mkdtemp(join(tmpdir(), 'fedx-mlflow-'));
  const installed = versions.filter((version) => !missing.includes(version));
  const started = await Promise.allSettled(
    installed.map((version) => startServer({ version, directory: join(directory, version) })),
  );
  const servers = started.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  const teardown = async (): Promise<void> => {
    await Promise.all(servers.map(({ kill }) => kill()));
    await rm(directory, { recursive: true, force: true });
  };
  const failed = started.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) {
    await teardown();
    throw failed.reason;
  }
  provide('mlflowFolder', directory);
  provide('mlflowServers', Object.fromEntries(servers.map(({ uri, version }) => [version, uri])));
  return teardown;
}
