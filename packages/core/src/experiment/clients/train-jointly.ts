/** A round in which several clients are one job: nothing is asked of them but the mean of their updates. */
import type { Strategy } from '../../contracts/index.js';
import { clone, pick } from '../../parameters/index.js';
import type { ClientSpec } from '../../spec/index.js';
import { floatBytes, meanOfArrivals, onlyMean, weightIn } from '../uplink/updates.js';
import type { Uplink } from '../uplink/uplink.js';
import type { Assignment } from './environment.js';
import type { FederatedArm } from './federated-client.js';
import type { LocalTraining } from './local-training.js';
import { checkMinimum, checkNorm, type RoundOfClients, type TrainedCohort } from './train-cohort.js';

/** Clients of a job. */
export const MOST_CLIENTS = 8;
/** Jobs that a cohort makes before one has more than a client: enough for many workers. */
const MANY_JOBS = 16;

/** What decides whether clients may train jointly. */
export interface JointQuestion {
  readonly strategy: Strategy;
  readonly client: ClientSpec;
  readonly uplink: Pick<Uplink, 'reads'>;
  /** Whether all parameters go to the server. */
  readonly sharesAll: boolean;
  /** Whether attackers train on labels of their own. */
  readonly relabels: boolean;
}

/** Whether nobody looks at anything of a single client but its norm, and one that fails ends the run. */
export function mayTrainJointly({ strategy, client, uplink, sharesAll, relabels }: JointQuestion): boolean {
  const { client: rule, personal } = strategy;
  const isKept = rule?.init !== undefined || rule?.end !== undefined || personal !== undefined || !sharesAll;
  const mayFail = client.onFailure !== 'fail' || client.timeout !== undefined;
  return uplink.reads === 'mean' && !isKept && !mayFail && !relabels;
}

/**
 * Trains the clients of a round, some of them in each job. Which ones follows from the cohort alone, so that the bits of the
 * mean never depend on the workers. Each has examples. Throws as {@link trainCohort} does.
 */
export async function trainJointly(
  arm: FederatedArm,
  train: NonNullable<LocalTraining['trainJointly']>,
  { global, broadcast, round }: RoundOfClients,
  cohort: readonly Assignment[],
): Promise<TrainedCohort> {
  const { batches, data, initial, name, uplink } = arm;
  checkMinimum(arm, round, cohort.length, cohort.length);
  const start = pick(global, Object.keys(initial));
  const jobs = inJobs(
    cohort.map((work) => {
      const { client } = work;
      const rows = data.clients[client]?.train ?? new Uint32Array();
      const weight = weightIn(uplink.weights, { examples: rows.length });
      return { client, rows, work, random: batches.at(round, client), weight };
    }),
  );
  const weights = jobs.map((clients) => clients.reduce((sum, { weight }) => sum + weight, 0));
  const mean = meanOfArrivals(weights);
  const trained = await Promise.all(
    jobs.map(async (clients, job) => {
      const one = await train({
        start,
        rule: { global: start, broadcast, state: {} },
        place: { arm: name, round },
        clients: clients.map((each) => ({ ...each, share: each.weight / (weights[job] ?? 1) })),
      });
      one.ends.forEach(({ norm }, i) => {
        checkNorm(arm, round, clients[i]?.client ?? 0, norm);
      });
      mean.arrive(job, one.parameters);
      return one;
    }),
  );
  return {
    efforts: trained.flatMap(({ ends }) => ends.map(({ norm: _, ...effort }) => effort)),
    metrics: {},
    send: () => ({
      updates: onlyMean(cohort.length, uplink.weights, () => clone(mean.mean() ?? {})),
      bytes: cohort.length * floatBytes(start),
      metrics: {},
    }),
    release() {
      for (const { release } of trained) release();
    },
  };
}

/** Cuts a cohort into runs of clients that follow each other, whose lengths differ by one at most. */
function inJobs<Client>(cohort: readonly Client[]): readonly (readonly Client[])[] {
  const jobs = Math.max(Math.ceil(cohort.length / MOST_CLIENTS), Math.min(cohort.length, MANY_JOBS));
  const from = (job: number): number => Math.round((job * cohort.length) / jobs);
  return Array.from({ length: jobs }, (_, job) => cohort.slice(from(job), from(job + 1)));
}
