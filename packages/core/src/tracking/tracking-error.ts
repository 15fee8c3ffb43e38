import { isMlflowError } from 'mlflow-js-client';
import { FedxError, isFedxError } from '../errors/index.js';

/** FEDX_TRACKING_FAILED for what the client of a server throws; the address holds no credentials. */
export function trackingFailed(trackingUri: string, cause: unknown): FedxError {
  if (isFedxError(cause)) return cause;
  const signIn = isMlflowError(cause, 'UNAUTHENTICATED') || isMlflowError(cause, 'PERMISSION_DENIED');
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new FedxError('FEDX_TRACKING_FAILED', `The MLflow server ${trackingUri} failed: ${reason}`, {
    cause,
    ...(signIn
      ? {
          hint: 'Set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN, and run fedx sync.',
        }
      : {}),
  });
}
