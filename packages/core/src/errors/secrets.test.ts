import { describe, expect, it } from 'vitest';
import { FedxError } from './fedx-error.js';
import { holdsCredentials, isSecretName, keepSecret, redact, redactWritten } from './secrets.js';

describe('secrets', () => {
  it.each([
    'apiKey',
    'api_key',
    'token',
    'hubToken',
    'db-password',
    'PASSWD',
    'accessKey',
    'credentials',
    'clientSecret',
  ])('are what options of a name such as %s hold', (name) => {
    expect(isSecretName(name)).toBe(true);
  });

  it.each(['tokens', 'tokenizer', 'key', 'keys', 'monkey', 'passes', 'seed', 'mytoken', 'secretary'])(
    'are not what options of a name such as %s hold',
    (name) => {
      expect(isSecretName(name)).toBe(false);
    },
  );

  it.each([
    ['https://me:pass@host/x', 'https://*******@host/x'],
    ['https://ghp123@host', 'https://******@host'],
    [
      'Cannot fetch s3+http://a:b@host:80/?x=1&token=abc&y=2.',
      'Cannot fetch s3+http://***@host:80/?x=1&token=***&y=2.',
    ],
    ['https://host/a?api_key=abc', 'https://host/a?api_key=***'],
  ])('are covered in addresses: %s', (text, covered) => {
    expect(redact(text)).toBe(covered);
    expect(holdsCredentials(text)).toBe(true);
    expect(redact(covered)).toBe(covered);
  });

  it.each(['https://host/a@b?x=1', 'https://host:8080/', 'me@host', 'a: b@c', 'strategy.mu=1', 'https://h/?page=2'])(
    'are not seen in %s',
    (text) => {
      expect(redactWritten(text)).toBe(text);
      expect(holdsCredentials(text)).toBe(false);
    },
  );

  it.each([
    ['strategy.apiKey=abc', 'strategy.apiKey=***'],
    ['  hubToken: "a b", mu: 1', '  hubToken: *****, mu: 1'],
    ["{ use: x, password: 'it', mu: 1 }", '{ use: x, password: ****, mu: 1 }'],
    ['token: ${env:MY_TOKEN}', 'token: ${env:MY_TOKEN}'],
    ['token: "${env:MY_TOKEN:-none}"', 'token: "${env:MY_TOKEN:-none}"'],
    ['Write ${env:API_TOKEN:-default}.', 'Write ${env:API_TOKEN:-default}.'],
  ])('are covered behind their name where a user wrote it: %s', (text, covered) => {
    expect(redactWritten(text)).toBe(covered);
  });

  it.each([
    ['a word', 'k'.repeat(300_000)],
    ['many words', `a://${'a.-'.repeat(100_000)}`],
    ['parameters', `a://${'?token'.repeat(50_000)}`],
    ['names', 'token token_'.repeat(25_000)],
    ['space behind a name', `token: ${' '.repeat(300_000)}}`],
    ['space before what is no sign', `token${' '.repeat(300_000)}}`],
    ['an open quote', `"token`.repeat(50_000)],
  ])('are looked for at once in %s of 300,000 characters', (_, text) => {
    expect(redactWritten(text)).toBe(text);
  });

  it('that were handed over are covered in every message, hint and all', () => {
    keepSecret('hunter2$&');
    keepSecret('abc');
    const { message, hint } = new FedxError('FEDX_INTERNAL', 'Refused hunter2$&, abc.', { hint: 'Not hunter2$&!' });
    expect([message, hint]).toEqual(['Refused *********, abc.', 'Not *********!']);
  });
});
