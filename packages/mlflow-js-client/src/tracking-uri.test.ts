import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRedactor, parseTrackingUri, redactUri } from './tracking-uri.js';

describe('parseTrackingUri', () => {
  it('takes credentials, query and trailing slashes out of the address', () => {
    expect(parseTrackingUri('https://ada:p%40ss@host:8443/mlflow//?key=1#x')).toEqual({
      base: 'https://host:8443/mlflow',
      username: 'ada',
      password: 'p@ss',
    });
    expect(parseTrackingUri('http://host')).toEqual({ base: 'http://host' });
  });

  it.each(['sqlite:///mlflow.db', './mlruns', 'databricks', '', 'ftp://ada:secret@host', 'http://ada:secret@'])(
    'refuses %j, without its password',
    (uri) => {
      expect(() => parseTrackingUri(uri)).toThrow(
        expect.objectContaining({ code: 'CLIENT_BAD_CONFIGURATION', message: expect.not.stringContaining('secret') }),
      );
    },
  );

  it('reads back any name and password that an address can carry', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (username, password) => {
        const uri = `http://${encodeURIComponent(username)}:${encodeURIComponent(password)}@host/path`;
        expect(parseTrackingUri(uri)).toEqual({ base: 'http://host/path', username, password });
        expect(redactUri(uri)).toBe('http://host/path');
      }),
    );
  });
});

describe('createRedactor', () => {
  it('takes every known secret out of a text, each time it is there', () => {
    const redact = createRedactor(['s3cret', undefined, '']);
    expect(redact('s3cret and s3cret')).toBe('*** and ***');
    expect(redact('nothing')).toBe('nothing');
  });
});
