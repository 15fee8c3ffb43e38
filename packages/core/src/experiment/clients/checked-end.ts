import type { EndResult, Tree } from '../../contracts/index.js';
import { FedxError } from '../../errors/index.js';
import { isFinite } from '../../parameters/index.js';
import { numbersIn } from '../uplink/sent.js';
import type { TrainingPlace } from './training-ends.js';

/**
 * What a client's `end` returned, fit to be kept and sent. Throws FEDX_PLUGIN_FAILED for a state that lacks what the
 * client's state had, in name or shape, and FEDX_RUN_DIVERGED for a state or report with a number that is not finite.
 */
export function checkedEnd(
  plugin: string,
  end: EndResult<Tree, unknown> | undefined,
  before: Tree,
  place: Required<TrainingPlace>,
): EndResult<Tree, unknown> {
  const { state, report } = end ?? {};
  const where = `client ${place.client} in round ${place.round} (arm ${place.arm})`;
  if (state !== undefined) {
    const kept = numbersIn(state);
    for (const [name, { shape }] of Object.entries(numbersIn(before))) {
      if (kept[name]?.shape.join() === shape.join()) continue;
      throw new FedxError(
        'FEDX_PLUGIN_FAILED',
        `The strategy ${plugin} keeps no ${name} of shape [${shape.join(', ')}] for ${where}.`,
        { place: { plugin, ...place } },
      );
    }
  }
  for (const [what, data] of Object.entries({ state, report })) {
    if (isFinite(numbersIn(data))) continue;
    throw new FedxError(
      'FEDX_RUN_DIVERGED',
      `The ${what} of ${where} holds a number that is not finite, says the strategy ${plugin}.`,
      { place: { plugin, ...place } },
    );
  }
  return { ...(state !== undefined && { state }), report };
}
