import { join } from 'node:path';
import type { MlflowClient, RunStatus } from 'mlflow-js-client';
import { type JournalEntry, runPaths } from '../runs/index.js';
import { pointsOf } from './points.js';
import { createRunFiller, type RunFiller } from './run-filler.js';
import type { TrackedRun } from './tracked-run.js';

/** Where a run is on the server. */
export interface ServerPlace {
  readonly experimentId: string;
  /** The invocation's run, above those of the arms. */
  readonly parentRunId: string;
  /** The server's run of each arm, by arm. */
  readonly arms: ReadonlyMap<string, string>;
}

/** Brings a server up to what a run's journal says, each point exactly once. */
export interface Filler {
  /** Takes note of an entry that is on disk; entries come in the journal's order. */
  add(entry: JournalEntry): void;
  /** The run ended without saying so: its process was killed, at latest at `time`. */
  abandon(time: number): void;
  /**
   * Resolves once the server has everything that was added so far; undefined where that is nothing. Where it fails,
   * nothing is lost and nothing will be doubled: the next flush reads back what may have arrived before it sends.
   * Throws an MlflowError, or the reason of the signal.
   */
  flush(signal: AbortSignal): Promise<ServerPlace | undefined>;
}

/** `experiment` is the name of the experiment on the server. */
export function createFiller(client: MlflowClient, run: TrackedRun, experiment: string): Filler {
  const arms = new Map<string, RunFiller>();
  let parent: RunFiller | undefined;
  let experimentId: string | undefined;
  let engine = '';

  function add(entry: JournalEntry): void {
    if (entry.type === 'run-started') {
      engine = entry.engine;
      const key = { 'fedx.invocation': run.invocation };
      parent = createRunFiller(
        client,
        { key, name: run.name, startTime: entry.time, tags: { 'fedx.engine': engine } },
        run,
      );
      parent.upload(filesOf(run, runPaths.spec, runPaths.environment, runPaths.partition));
    } else if (entry.type === 'arm-started') {
      if (arms.has(entry.arm)) return;
      const key = { 'fedx.run': run.run, 'fedx.arm': entry.arm };
      arms.set(
        entry.arm,
        createRunFiller(
          client,
          { key, name: entry.arm, startTime: entry.time, tags: { 'fedx.use': entry.use, 'fedx.engine': engine } },
          run,
        ),
      );
    } else if (entry.type === 'step-completed') {
      const arm = arms.get(entry.arm);
      arm?.log(pointsOf(entry));
      // An interrupted run may go on.
      for (const again of [parent, arm]) if (again?.status() !== 'RUNNING') again?.setStatus('RUNNING', entry.time);
    } else if (entry.type === 'arm-completed') {
      const arm = arms.get(entry.arm);
      arm?.setStatus('FINISHED', entry.time);
      if (entry.model !== undefined) {
        const model = (file: string): readonly string[] => runPaths.model(entry.arm, file);
        arm?.upload(filesOf(run, model('model.onnx'), model('model.safetensors')));
      }
    } else if (entry.type in endings) {
      end(endings[entry.type as keyof typeof endings], entry.time);
    }
  }

  /** Ends the run and whichever arms have not ended by themselves. */
  function end(status: RunStatus, time: number): void {
    for (const ended of [parent, ...arms.values()]) if (ended?.status() === 'RUNNING') ended.setStatus(status, time);
  }

  async function flush(signal: AbortSignal): Promise<ServerPlace | undefined> {
    if (parent === undefined) return undefined;
    experimentId ??= (await client.experiments.getOrCreate({ name: experiment, signal })).experimentId;
    const above = await parent.open({ experimentId }, signal);
    const runIds = new Map<string, string>();
    for (const [name, arm] of arms) {
      const found = await arm.open({ experimentId, parentRunId: above.runId }, signal);
      await arm.flush(found, signal);
      runIds.set(name, found.runId);
    }
    // Last, so that a parent that says it is finished has finished children.
    await parent.flush(above, signal);
    return { experimentId, parentRunId: above.runId, arms: runIds };
  }

  return { add, abandon: (time) => end('KILLED', time), flush };
}

/** How a run's last event reads in MLflow. */
const endings = { 'run-completed': 'FINISHED', 'run-failed': 'FAILED', 'run-interrupted': 'KILLED' } as const;

/** Files of a run by their path in the run's folder, which they keep on the server; a model's lie in `model/`. */
function filesOf(run: TrackedRun, ...paths: readonly (readonly string[])[]): ReadonlyMap<string, string> {
  return new Map(paths.map((path) => [path.slice(-2).join('/'), join(run.directory, ...path)]));
}
