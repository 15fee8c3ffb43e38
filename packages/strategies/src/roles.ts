import type { ParameterInfo, Parameters } from '@fedx/core';
import { parameters as p } from '@fedx/core';

/** What is trained and what is measured, each in the model's order. */
export function splitRoles(
  all: Parameters,
  parameters: readonly ParameterInfo[],
): { readonly weights: Parameters; readonly statistics: Parameters } {
  const named = (role: ParameterInfo['role']) => parameters.filter((one) => one.role === role).map(({ name }) => name);
  return { weights: p.pick(all, named('weight')), statistics: p.pick(all, named('statistic')) };
}
