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

/** So many findings about a spec are shown to people; a file that is no spec at all has as many as lines. */
const SHOWN_FINDINGS = 10;

/**
 * An error for people: `FEDX_CODE: message`, then the first ten findings about a spec as compilers show them, or else the
 * place, what caused it and what to do.
 */
export async function renderFailure(error: FedxError, paint: Paint): Promise<string> {
  const headline = `${paint('red', `${error.code}:`)} ${error.message}`;
  if (error.diagnostics.length > 0) {
    const { renderDiagnostics } = await import('@fedx/core/host');
    const { diagnostics } = error;
    const isCut = diagnostics.length > SHOWN_FINDINGS;
    // The headline counts all that was found, of which the error itself keeps so many.
    const note = `Shown are the first ${SHOWN_FINDINGS}; --json has ${diagnostics.length}.`;
    return [headline, renderDiagnostics(diagnostics.slice(0, SHOWN_FINDINGS)), ...(isCut ? [note] : [])].join('\n\n');
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
