import type { ParameterInfo, Strategy } from '../contracts/index.js';
import { FedxError } from '../errors/index.js';
import { callPlugin } from '../plugins/index.js';
import type { ExperimentSpec } from '../spec/index.js';

/** Names of the parameters that go to the server. Throws FEDX_STRATEGY_UNMET where none do. */
export function sharedParameters(
  { strategy: { use }, model }: Pick<ExperimentSpec, 'strategy' | 'model'>,
  strategy: Strategy,
  parameters: readonly ParameterInfo[],
): readonly string[] {
  const shared = callPlugin(use, 'to say what is shared', () =>
    parameters.filter((parameter) => strategy.shared?.(parameter, parameters) ?? true).map(({ name }) => name),
  );
  if (shared.length > 0) return shared;
  throw new FedxError('FEDX_STRATEGY_UNMET', `The strategy ${use} shares no parameter of the model ${model.use}.`, {
    place: { plugin: use },
    hint: 'Leave a layer to share, or add the control local-only, which is what clients by themselves are.',
  });
}

/** Says where a strategy that leaves parameters with their clients finds none in the model that it would leave there. */
export function warnOfSharing(
  spec: Pick<ExperimentSpec, 'strategy' | 'model'>,
  strategy: Strategy,
  parameters: readonly ParameterInfo[],
): readonly string[] {
  if (strategy.shared === undefined || sharedParameters(spec, strategy, parameters).length < parameters.length)
    return [];
  return [
    `The strategy ${spec.strategy.use} leaves parameters with their clients, but none of the model ${spec.model.use}: all of it is shared.`,
  ];
}
