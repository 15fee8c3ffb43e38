import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeEnvironment } from './environment.js';

let specDirectory = '';
beforeEach(() => {
  specDirectory = mkdtempSync(join(tmpdir(), 'fedx-environment-'));
});
afterEach(() => rmSync(specDirectory, { recursive: true, force: true }));

const rest = {
  specHash: 'abc',
  plugins: { './p.ts': 'def' },
  files: { 'server.cohort.path': '456' },
  data: '0123',
  invocation: 'i',
};
const packages = { 'onnxruntime-node': '1.30.0' };

describe('describeEnvironment', () => {
  it('holds what a result may hang on, and nothing else', async () => {
    const environment = await describeEnvironment({ packages, specDirectory, ...rest });
    expect(environment).toEqual({
      fedx: expect.stringMatching(/^\d+\.\d+\.\d+/),
      node: process.versions.node,
      platform: process.platform,
      architecture: process.arch,
      cpu: { model: expect.stringMatching(/./), count: expect.any(Number) },
      packages,
      ...rest,
    });
  });

  it('names the commit of the folder of the spec', async () => {
    const git = (...args: string[]) => execFileSync('git', ['-C', specDirectory, ...args], { encoding: 'utf8' });
    git('init', '--quiet');
    git(
      '-c',
      'user.name=a',
      '-c',
      'user.email=a@b',
      '-c',
      'commit.gpgsign=false',
      'commit',
      '--quiet',
      '--allow-empty',
      '--message',
      'm',
    );
    const { commit } = await describeEnvironment({ packages, specDirectory, ...rest });
    expect(commit).toMatch(/^[0-9a-f]{40}/);
    expect(commit).toBe(git('log', '-1', '--format=%H').trim());
  });

  it('says nothing of a folder that is not there', async () => {
    const environment = await describeEnvironment({
      packages,
      specDirectory: join(specDirectory, 'none'),
      ...rest,
    });
    expect(environment).not.toHaveProperty('commit');
  });
});
