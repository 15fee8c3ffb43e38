import type { Random } from '../random/index.js';
import type { OptionsOf, OptionsSchema } from './options.js';
import type { AttackedRound } from './strategy.js';
import type { Parameters } from './tensors.js';

/** What an attacker would send if it were honest. */
export interface HonestUpdate {
  /** Client number, from 0. */
  readonly client: number;
  /** All numbers of its update: `delta/<parameter>`, and `report/…` for what the strategy's rule reports. */
  readonly sent: Parameters;
}

/** What attackers know when they forge their updates of round `round` (from 1). */
export interface ForgeCall {
  readonly round: number;
  /** The honest updates of the attackers that take part, in client order; at least one. */
  readonly honest: readonly HonestUpdate[];
  /** Updates that arrive in this round, those of the attackers included. */
  readonly updates: number;
  /** This round's own stream. */
  readonly random: Random;
}

/** What attackers do: relabel, forge, or both. Attackers act together, and know of honest clients only how many there are. */
export interface Attack {
  /** The class that an attacker trains an example of class `label` as, both in `[0, classes)`. */
  relabel?(label: number, classes: number): number;
  /** What the attackers send instead, in the order and form of `honest`. */
  forge?(call: ForgeCall): readonly Parameters[];
  /**
   * Why the attackers of such a round do nothing, or next to nothing, and what to change, in sentences; undefined where they do
   * something. `plan` and `run` warn of it, and go on.
   */
  idle?(round: Pick<AttackedRound, 'clients' | 'attackers'>): string | undefined;
}

/** An attack plugin: what `environment.attackers` do. */
export interface AttackPlugin<Schema extends OptionsSchema = OptionsSchema> {
  readonly kind: 'attack';
  readonly name: string;
  readonly options: Schema;
  create(options: OptionsOf<Schema>): Attack;
}
