import type { MlflowClient } from 'mlflow-js-client';
import { trackingFailed } from './tracking-error.js';

/** The server of a run, and the experiment there where the environment names one. */
export interface TrackingServer {
  readonly client: MlflowClient;
  /** MLFLOW_EXPERIMENT_NAME. */
  readonly experiment: string | undefined;
}

/**
 * The MLflow server that `tracking.mlflow` of a spec means; undefined where it means none. Credentials and everything
 * else come from the MLFLOW_… variables. Throws FEDX_TRACKING_FAILED for settings that cannot be used.
 * The client is loaded only where there is a server, so that nothing else waits for it.
 */
export async function openTrackingServer(
  mlflow: string,
  env: NodeJS.ProcessEnv = process.env,
  retries?: number,
): Promise<TrackingServer | undefined> {
  const trackingUri = mlflow === 'auto' ? env['MLFLOW_TRACKING_URI'] : mlflow;
  if (mlflow === 'off' || trackingUri === undefined || trackingUri === '') return undefined;
  const { createMlflowClient, redactUri } = await import('mlflow-js-client');
  try {
    const client = createMlflowClient({ env, trackingUri, ...(retries === undefined ? {} : { retries }) });
    return { client, experiment: env['MLFLOW_EXPERIMENT_NAME'] };
  } catch (error) {
    throw trackingFailed(redactUri(trackingUri), error);
  }
}
