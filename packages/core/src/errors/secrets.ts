/** What nobody should read: recognised by its place in a text, or known because somebody handed it over. */

const words = String.raw`(?:token|secret|passw(?:or)?d|passphrase|credentials?|(?:api|access|private|secret)[-_]?key)`;

/** `apiKey`, `hub_token`, `db-password`: names of options whose texts are secrets. `tokens` and `tokenizer` are none. */
const secretName = new RegExp(`(?:^|[-_])${words}$`, 'i');

/** `https://user:password@host` and `?token=…`. As all patterns here it never reads a long text twice, whatever is in it. */
const userInfo = /([a-z\d+.-]:\/\/)([^\s/?#@]+)(?=@)/gi;
const parameter = new RegExp(String.raw`([?&][\w-]*?${words}=)([^\s&#"']+)`, 'gi');

/** `strategy.apiKey=…` and `apiKey: …`, unless what follows only names an environment variable. */
const written = new RegExp(
  String.raw`(${words}["']?\s*(?:=|:(?!-))\s*)(?!["']?\$?\$\{env:)("[^"]*"?|'[^']*'?|[^\s,}&]+)`,
  'gi',
);

/** Shorter ones would be found in words that hold no secret. */
const SHORTEST = 4;

const known = new Set<string>();

/** Whether an option of this name holds a secret. */
export function isSecretName(name: string): boolean {
  return secretName.test(name.replaceAll(/([a-z\d])([A-Z])/g, '$1-$2'));
}

/** Whether a text has an address with a password or a token in it. */
export function holdsCredentials(text: string): boolean {
  return redactAddresses(text) !== text;
}

/** From now on {@link redact} covers this text wherever it meets it: what a plugin was given may come back in its errors. */
export function keepSecret(secret: string): void {
  if (secret.length >= SHORTEST) known.add(secret);
}

/** `text` with asterisks, as many as characters, for secrets that are known or stand in an address. */
export function redact(text: string): string {
  let covered = redactAddresses(text);
  for (const secret of known) covered = covered.replaceAll(secret, () => '*'.repeat(secret.length));
  return covered;
}

/** {@link redact} for what a user wrote, which is a spec or an argument: also what stands behind a secret's name. */
export function redactWritten(text: string): string {
  return redact(text).replace(written, cover);
}

function redactAddresses(text: string): string {
  return text.includes('://') ? text.replace(userInfo, cover).replace(parameter, cover) : text;
}

function cover(_: string, before: string, secret: string): string {
  return before + '*'.repeat(secret.length);
}
