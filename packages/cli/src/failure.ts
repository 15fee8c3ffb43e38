import { FedxError, isFedxError } from '@fedx/core';

/** What oclif throws when it cannot make sense of the arguments. */
interface OclifError extends Error {
  readonly oclif: { readonly exit?: number };
}

const OCLIF_HELP_NOTE = '\nSee more help with --help';

/** Any thrown value as an error with a code: fedx's own as they are, bad usage as FEDX_USAGE, the rest as FEDX_INTERNAL. */
export function asFedxError(thrown: unknown): FedxError {
  if (isFedxError(thrown)) return thrown;
  if (isOclifError(thrown)) {
    return new FedxError('FEDX_USAGE', thrown.message.replace(OCLIF_HELP_NOTE, ''));
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new FedxError('FEDX_INTERNAL', message, { cause: thrown });
}

function isOclifError(thrown: unknown): thrown is OclifError {
  return thrown instanceof Error && 'oclif' in thrown;
}
