import { FedxError } from '@fedx/core';

/** FEDX_PARTITION_IMPOSSIBLE: what does not fit, and what to change in the spec. */
export function impossible(message: string, hint: string): FedxError {
  return new FedxError('FEDX_PARTITION_IMPOSSIBLE', message, { hint });
}
