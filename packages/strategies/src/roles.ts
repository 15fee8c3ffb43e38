import type { ParameterInfo, Parameters, Updates } from '@fedx/core';
import { parameters as p } from '@fedx/core';

/** Names of the parameters that are trained, in the model's order. */
export const trainedNames = (parameters: readonly ParameterInfo[]): string[] => namesOf(parameters, 'weight');

/** What is trained and what is measured, each in the model's order. */
export function splitRoles(
  all: Parameters,
  parameters: readonly ParameterInfo[],
): { readonly weights: Parameters; readonly statistics: Parameters } {
  return { weights: p.pick(all, trainedNames(parameters)), statistics: p.pick(all, namesOf(parameters, 'statistic')) };
}

/** The mean of what clients measured, for strategies that treat what is trained otherwise. */
export function meanStatistics(updates: Updates, parameters: readonly ParameterInfo[]): Parameters {
  const names = namesOf(parameters, 'statistic');
  return names.length === 0 ? {} : updates.mean(({ delta }) => p.pick(delta, names));
}

function namesOf(parameters: readonly ParameterInfo[], role: ParameterInfo['role']): string[] {
  return parameters.filter((one) => one.role === role).map(({ name }) => name);
}
