import { MlflowError } from './mlflow-error.js';

/** An MLflow server's address, taken apart. */
export interface TrackingUri {
  /** The address that calls are made to, without credentials, query and trailing slash. */
  readonly base: string;
  /** Credentials that stood in the address (`https://user:password@host`). */
  readonly username?: string;
  readonly password?: string;
}

/** Throws CLIENT_BAD_CONFIGURATION for anything but an http(s) address; the text names no credentials. */
export function parseTrackingUri(uri: string): TrackingUri {
  const url = URL.canParse(uri) ? new URL(uri) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    const said = redactUri(uri);
    throw new MlflowError(
      'CLIENT_BAD_CONFIGURATION',
      `The tracking URI must be the http or https address of an MLflow server, but it is ${JSON.stringify(said)}.`,
    );
  }
  return {
    base: `${url.protocol}//${url.host}${url.pathname.replace(/\/+$/, '')}`,
    ...(url.username === '' ? {} : { username: decodeURIComponent(url.username) }),
    ...(url.password === '' ? {} : { password: decodeURIComponent(url.password) }),
  };
}

/** The address without what may be secret: user name, password, query and fragment. */
export function redactUri(uri: string): string {
  return uri.replace(/\/\/[^/?#]*@/, '//').replace(/[?#].*$/, '');
}

/** Takes each of `secrets` out of a text that someone else wrote. */
export function createRedactor(secrets: readonly (string | undefined)[]): (text: string) => string {
  const known = secrets.filter((secret): secret is string => secret !== undefined && secret !== '');
  return (text) => known.reduce((redacted, secret) => redacted.replaceAll(secret, '***'), text);
}
