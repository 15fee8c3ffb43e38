import type { FedxError } from '@fedx/core';
import type { Paint } from './paint.js';
import { renderErrorPlace } from './place.js';

/** What `--json` prints instead of a result. */
export interface FailureDocument {
  readonly error: Pick<FedxError, 'code' | 'message' | 'hint' | 'place' | 'diagnostics'>;
}

export function failureDocument({ code, message, hint, place, diagnostics }: FedxError): FailureDocument {
  return { error: { code, message, hint, place, diagnostics } };
}

/**
 * An error for people: `FEDX_CODE: message`, then every finding about a spec as compilers show them, or else the place,
 * what caused it and what to do.
 */
export async function renderFailure(error: FedxError, paint: Paint): Promise<string> {
  const headline = `${paint('red', `${error.code}:`)} ${error.message}`;
  if (error.diagnostics.length > 0) {
    const { renderDiagnostics } = await import('@fedx/core/host');
    return `${headline}\n\n${renderDiagnostics(error.diagnostics)}`;
  }
  const place = renderErrorPlace(error.place);
  const cause = await causeOf(error);
  return [
    headline,
    ...(place === '' ? [] : [`  ${paint('dim', 'at:')} ${place}`]),
    ...(cause === undefined ? [] : [`  ${paint('dim', 'cause:')} ${cause}`]),
    `  ${paint('dim', 'hint:')} ${error.hint}`,
  ].join('\n');
}

/** The message of what caused the error, where the error's own does not already give it. */
async function causeOf({ cause, message }: FedxError): Promise<string | undefined> {
  if (!(cause instanceof Error)) return undefined;
  const { redact } = await import('@fedx/core/host');
  const said = redact(cause.message);
  return message.includes(said) ? undefined : said;
}
