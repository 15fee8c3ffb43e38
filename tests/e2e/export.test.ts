import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProject, type Project } from '../integration/tiny-federation.js';
import { startFedx } from './fedx.js';

let project: Project;
let folder: string;

beforeAll(async () => {
  project = await createProject();
  folder = project.folder;
  const { exitCode, stderr } = await fedx('run', 'spec.yaml', 'server.rounds=1', 'controls=[local-only]', '--quiet');
  expect(exitCode, stderr).toBe(0);
});

afterAll(() => project.remove());

const fedx = (...args: readonly string[]) => startFedx([...args], folder).ended;

describe('fedx export', () => {
  it('says what it wrote, and where', async () => {
    const { exitCode, stdout } = await fedx('export', 'latest', '--format', 'tfjs', '--out', 'as-tfjs', '--json');
    expect(exitCode).toBe(0);
    const written: unknown = JSON.parse(stdout);
    expect(written).toMatchObject({
      arm: 'federated',
      format: 'tfjs',
      files: ['as-tfjs/weights.bin', 'as-tfjs/model.json'],
    });
  });

  it.each(['safetensors', 'onnx', 'savedmodel'])('writes %s', async (format) => {
    const { exitCode, stdout } = await fedx('export', 'latest', '--format', format, '--out', `as-${format}`);
    expect(exitCode).toBe(0);
    const [file = ''] = stdout.trim().split('\n');
    expect((await readFile(join(folder, file))).length).toBeGreaterThan(1000);
  });

  it.each([
    [['latest', '--arm', 'local-only'], 'The arm local-only of this run has no final model.'],
    [['latest', '--arm', 'federatd'], 'Did you mean federated? Arms of this run: federated, local-only.'],
    [['latest', '--arm', '../../..'], 'has no arm "../../.."'],
    [['no-such-run'], 'FEDX_RUN_NOT_FOUND'],
    [['latest', '--format', 'pickle'], 'FEDX_USAGE'],
  ])('refuses %j', async (args, message) => {
    const { exitCode, stderr } = await fedx('export', ...args);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('ENOENT');
  });

  it.each(['spec.yaml', 'spec.yaml/x'])('refuses to make the folder %s, where a file is', async (out) => {
    const { exitCode, stderr } = await fedx('export', 'latest', '--out', out);
    expect(exitCode).toBe(5);
    expect(stderr).toMatch(/^FEDX_STORAGE_FAILED: Cannot create /);
  });
});
