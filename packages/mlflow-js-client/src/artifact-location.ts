import type { Connection } from './connection.js';
import { MlflowError } from './mlflow-error.js';
import { parseTrackingUri, redactUri } from './tracking-uri.js';

/** Where the proxy of a server has a run's artifacts. */
export interface ArtifactLocation {
  /** The server's address, without trailing slash. */
  readonly base: string;
  /** Folder below the server's artifact root, already encoded, without slashes at its ends. */
  readonly folder: string;
}

const proxyPath = '/api/2.0/mlflow-artifacts/artifacts';

/**
 * Finds the artifacts of `mlflow-artifacts:/1/abc/artifacts`, `mlflow-artifacts://host:port/…`, or the proxy's full
 * http address, as Python's client does. Throws CLIENT_ARTIFACTS_NOT_PROXIED for any other place.
 */
export function locateArtifacts({ base }: Pick<Connection, 'base'>, artifactUri: string): ArtifactLocation {
  const [, scheme = '', rest = ''] = /^([a-z][a-z0-9+.-]*):(.*)$/is.exec(artifactUri) ?? [];
  if (scheme === 'mlflow-artifacts') {
    const [, host, path = rest] = /^\/\/([^/]*)(\/.*)?$/s.exec(rest) ?? [];
    const own = new URL(base);
    const server =
      host === undefined || host === '' ? base : `${own.protocol}//${host}${own.pathname.replace(/\/+$/, '')}`;
    return { base: server, folder: encodeArtifactPath(path) };
  }
  const at = artifactUri.indexOf(proxyPath);
  if ((scheme === 'http' || scheme === 'https') && at > 0) {
    return {
      base: parseTrackingUri(artifactUri.slice(0, at)).base,
      folder: encodeArtifactPath(artifactUri.slice(at + proxyPath.length)),
    };
  }
  throw new MlflowError(
    'CLIENT_ARTIFACTS_NOT_PROXIED',
    `The artifacts lie in ${redactUri(artifactUri) || 'no place that the server names'}, which the tracking server does not serve: ` +
      'start it with --artifacts-destination, and make the experiment anew.',
  );
}

/** `a b/c` as part of an address. Throws CLIENT_INVALID_ARGUMENT for a path that leads out of its folder. */
export function encodeArtifactPath(path: string): string {
  const names = path.split('/').filter((name) => name !== '');
  checkNames(path, names);
  return names.map(encodeURIComponent).join('/');
}

/**
 * Throws CLIENT_INVALID_ARGUMENT for what could lead out of a folder, here or on the server, and for names with `%20` and
 * the like, which MLflow decodes once more than it should and so stores under another name.
 */
export function checkNames(path: string, names: readonly string[]): void {
  if (names.every((name) => name !== '.' && name !== '..' && !/[\\\0]|%[0-9a-f]{2}/i.test(name))) return;
  throw new MlflowError('CLIENT_INVALID_ARGUMENT', `${JSON.stringify(path)} cannot be the path of an artifact.`);
}

/** The address of something that the proxy does with a path, e.g. `artifacts` or `mpu/create`. */
export function artifactUrl({ base, folder }: ArtifactLocation, action: string, path: string): string {
  return [`${base}/api/2.0/mlflow-artifacts/${action}`, folder, encodeArtifactPath(path)]
    .filter((part) => part !== '')
    .join('/');
}
