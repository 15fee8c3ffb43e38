import { countSteps } from '../engines/index.js';
import type { ArmUse } from '../runs/index.js';
import type { ClientSpec, ExperimentSpec } from '../spec/index.js';
import type { Assignment } from './environment.js';

/** An arm before it runs. */
export interface ArmPlan {
  readonly name: string;
  readonly use: ArmUse;
  readonly client: ClientSpec;
  /** Rounds, or epochs for centralized. */
  readonly steps: number;
  /** Local steps over all clients and rounds. */
  readonly localSteps: number;
}

/** What the clients of a round's cohort come to do, for an arm with so many local epochs. */
type Assign = (round: number, epochs: number) => readonly Assignment[];

/** The federated run and its controls. `sizes` are training examples by client. */
export function planArms(spec: ExperimentSpec, sizes: readonly number[], assign: Assign): ArmPlan[] {
  const { rounds } = spec.server;
  const federation = { name: 'federated', use: 'federated' as const, client: spec.client };
  const work = federatedWork(spec.client, sizes, rounds, assign);
  return [
    { ...federation, steps: rounds, localSteps: work.localSteps },
    ...spec.controls.map((control): ArmPlan => {
      const { name, use, client } = control;
      if (use === 'iid')
        return {
          name,
          use,
          client,
          steps: rounds,
          localSteps: federatedWork(client, sizes, rounds, assign).localSteps,
        };
      if (use === 'local-only') {
        const everyone = sizes.map((_, k) => ({
          client: k,
          epochs: client.epochs,
          share: 1,
          complete: true,
          arrives: true,
        }));
        return {
          name,
          use,
          client,
          steps: rounds,
          localSteps: federatedWork(client, sizes, rounds, () => everyone).localSteps,
        };
      }
      const union = sum(sizes);
      const stepsPerEpoch = stepsOf(client, union);
      const matched = control.match === 'steps' ? work.sequentialSteps / stepsPerEpoch : work.examples / union;
      const steps = control.epochs ?? Math.max(1, Math.round(matched));
      return { name, use, client, steps, localSteps: steps * stepsPerEpoch };
    }),
  ];
}

/** What a federation does in all its rounds; sequential steps are those of each round's busiest client. */
function federatedWork(client: ClientSpec, sizes: readonly number[], rounds: number, assign: Assign) {
  const work = { examples: 0, localSteps: 0, sequentialSteps: 0 };
  for (let round = 1; round <= rounds; round++) {
    const members = assign(round, client.epochs).filter(({ arrives }) => arrives);
    const sizeOf = ({ client: k }: Assignment): number => sizes[k] ?? 0;
    const steps = members.map((one) => Math.max(1, Math.ceil(one.share * one.epochs * stepsOf(client, sizeOf(one)))));
    work.examples += sum(members.map((one) => one.share * one.epochs * sizeOf(one)));
    work.localSteps += sum(steps);
    work.sequentialSteps += Math.max(0, ...steps);
  }
  return work;
}

/** Steps of one epoch over `size` examples. */
export function stepsOf({ batchSize, lastBatch }: ClientSpec, size: number): number {
  return batchSize === 'all' ? 1 : countSteps(size, batchSize, lastBatch);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
