import { type ArtifactContent, isMlflowError, type MlflowClient } from 'mlflow-js-client';

/** Uploads, unless this server keeps artifacts where only its own clients in Python can reach them: that will not pass. */
export async function uploadIfProxied(
  client: MlflowClient,
  artifactUri: string,
  path: string,
  content: ArtifactContent,
  signal: AbortSignal,
): Promise<void> {
  try {
    await client.artifacts.upload({ artifactUri }, path, content, { signal });
  } catch (error) {
    if (!isMlflowError(error, 'CLIENT_ARTIFACTS_NOT_PROXIED')) throw error;
  }
}
