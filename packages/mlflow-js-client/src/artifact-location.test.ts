import { describe, expect, it } from 'vitest';
import { artifactUrl, encodeArtifactPath, locateArtifacts } from './artifact-location.js';

const connection = { base: 'https://host:8443/team' };

describe('locateArtifacts', () => {
  it.each([
    ['mlflow-artifacts:/1/abc/artifacts', 'https://host:8443/team', '1/abc/artifacts'],
    ['mlflow-artifacts:///1/abc', 'https://host:8443/team', '1/abc'],
    ['mlflow-artifacts:/', 'https://host:8443/team', ''],
    ['mlflow-artifacts://other:9000/1/abc', 'https://other:9000/team', '1/abc'],
    ['http://other/x/api/2.0/mlflow-artifacts/artifacts/1/abc', 'http://other/x', '1/abc'],
  ])('finds %s as Python’s client does', (artifactUri, base, folder) => {
    expect(locateArtifacts(connection, artifactUri)).toEqual({ base, folder });
  });

  it.each(['s3://bucket/1', 'file:///tmp/x', './mlruns/0/abc', '', 'https://host/files/1'])(
    'refuses %j',
    (artifactUri) => {
      expect(() => locateArtifacts(connection, artifactUri)).toThrow(
        expect.objectContaining({ code: 'CLIENT_ARTIFACTS_NOT_PROXIED' }),
      );
    },
  );
});

describe('artifactUrl', () => {
  it('encodes each name of a path', () => {
    const location = { base: 'http://host', folder: '1/abc' };
    expect(artifactUrl(location, 'artifacts', 'a b/c?d#e')).toBe(
      'http://host/api/2.0/mlflow-artifacts/artifacts/1/abc/a%20b/c%3Fd%23e',
    );
    expect(encodeArtifactPath('//a///b/')).toBe('a/b');
  });
});
