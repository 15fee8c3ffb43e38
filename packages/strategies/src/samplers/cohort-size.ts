import { FedxError } from '@fedx/core';

/** Throws FEDX_COHORT_TOO_LARGE where `wanted` clients cannot be drawn from `from`; `of` says what these are. */
export function checkCohortSize(wanted: number, from: number, hint: string, of?: string): void {
  if (wanted <= from) return;
  throw new FedxError(
    'FEDX_COHORT_TOO_LARGE',
    `A cohort of ${wanted} clients is wanted, but there are ${from}${of === undefined ? '' : ` ${of}`}.`,
    {
      hint,
    },
  );
}
