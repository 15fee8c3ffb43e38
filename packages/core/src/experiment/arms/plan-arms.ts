import type { ArmUse } from '../../runs/index.js';
import type { ClientSpec, ExperimentSpec } from '../../spec/index.js';
import type { Assignment } from '../clients/environment.js';
import { type LocalWork, localWork, stepsOfWork, stepsPerEpoch } from '../clients/local-work.js';

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

/** What the clients of a round's cohort come to do, for an arm that asks for so much local work. */
type Assign = (round: number, work: LocalWork) => readonly Assignment[];

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
        const everyone = sizes.map((_, k) => ({ client: k, ...localWork(client), complete: true, arrives: true }));
        return {
          name,
          use,
          client,
          steps: rounds,
          localSteps: federatedWork(client, sizes, rounds, () => everyone).localSteps,
        };
      }
      const union = sum(sizes);
      const stepsOfEpoch = stepsPerEpoch(client, union);
      const matched = control.match === 'steps' ? work.sequentialSteps / stepsOfEpoch : work.examples / union;
      const steps = control.epochs ?? Math.max(1, Math.round(matched));
      return { name, use, client, steps, localSteps: steps * stepsOfEpoch };
    }),
  ];
}

/** What a federation does in all its rounds; sequential steps are those of each round's busiest client. */
function federatedWork(client: ClientSpec, sizes: readonly number[], rounds: number, assign: Assign) {
  const work = { examples: 0, localSteps: 0, sequentialSteps: 0 };
  for (let round = 1; round <= rounds; round++) {
    const members = assign(round, localWork(client)).filter(({ arrives }) => arrives);
    const sizeOf = ({ client: k }: Assignment): number => sizes[k] ?? 0;
    const steps = members.map((one) => stepsOfWork(one, stepsPerEpoch(client, sizeOf(one))));
    work.examples += sum(members.map((one) => epochsOf(one, stepsPerEpoch(client, sizeOf(one))) * sizeOf(one)));
    work.localSteps += sum(steps);
    work.sequentialSteps += Math.max(0, ...steps);
  }
  return work;
}

/** Passes over a client's examples. */
function epochsOf({ unit, amount, share }: LocalWork, stepsOfEpoch: number): number {
  return share * (unit === 'epochs' ? amount : amount / stepsOfEpoch);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
