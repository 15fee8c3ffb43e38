import { type ErrorPlace, FedxError } from './fedx-error.js';

/** The error once more, with what else is known of where it happened; what it knows itself stands. */
export function atPlace(error: FedxError, place: ErrorPlace): FedxError {
  const { code, message, hint, diagnostics } = error;
  return new FedxError(code, message, { place: { ...place, ...error.place }, hint, diagnostics, cause: error });
}
