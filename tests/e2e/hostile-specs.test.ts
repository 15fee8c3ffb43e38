import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { FedxError } from '@fedx/core/host';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFedx } from './fedx.js';
import { type HostileSpec, hostileSpecs } from './hostile/index.js';

/** Every case, with the file that it lies in. */
const cases = Object.entries(hostileSpecs).flatMap(([group, specs]) =>
  specs.map((spec, index) => ({ ...spec, group, file: `${group.replaceAll(' ', '-')}-${index}.yaml` })),
);
type Case = (typeof cases)[number];

/** How the command line ended on a case. */
interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command line's own entry on one case after the other, in one process. */
const batch = `
  import { readFileSync, writeFileSync } from 'node:fs';
  const [program, cases, results] = process.argv.slice(2);
  const { run } = await import(program);
  const outcomes = {};
  const write = { stdout: process.stdout.write, stderr: process.stderr.write };
  for (const { file, args } of JSON.parse(readFileSync(cases, 'utf8'))) {
    const written = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'])
      process[stream].write = (text) => ((written[stream] += text), true);
    const start = performance.now();
    await run(args);
    outcomes[file] = { exitCode: process.exitCode, ...written, milliseconds: performance.now() - start, polluted: {}.polluted };
    for (const stream of ['stdout', 'stderr']) {
      process[stream].write = write[stream];
      process[stream].removeAllListeners('error');
    }
  }
  process.exitCode = 0;
  writeFileSync(results, JSON.stringify(outcomes));`;

const program = new URL('../../packages/cli/dist/index.js', import.meta.url).href;

/** Holds the working directory `home` and nothing else, so that what is written above it shows. */
let outer = '';
let home = '';
let text: Readonly<Record<string, Outcome & { polluted?: unknown }>> = {};
let json: typeof text = {};

beforeAll(async () => {
  outer = await mkdtemp(join(tmpdir(), 'fedx-hostile-'));
  home = join(outer, 'home');
  await mkdir(home);
  await mkdir(join(outer, 'work'));
  for (const { file, text: spec, files = {} } of cases) {
    for (const [name, content] of Object.entries({ ...files, [file]: spec }))
      await writeFile(join(home, name), content);
  }
  await writeFile(join(outer, 'work', 'batch.mjs'), batch);
  [text, json] = [await outcomes('text', []), await outcomes('json', ['--json'])];
}, 320_000);
afterAll(() => rm(outer, { recursive: true }));

async function outcomes(name: string, flags: readonly string[]): Promise<typeof text> {
  const work = (file: string) => join(outer, 'work', file);
  const requests = cases.map(({ file, overrides = [] }) => ({
    file,
    args: ['validate', file, ...overrides, ...flags],
  }));
  await writeFile(work(`${name}-cases.json`), JSON.stringify(requests));
  const { NODE_ENV, DEBUG, ...env } = process.env;
  const args = [
    '--max-old-space-size=256',
    work('batch.mjs'),
    program,
    work(`${name}-cases.json`),
    work(`${name}.json`),
  ];
  await promisify(execFile)(process.execPath, args, { cwd: home, env, timeout: 150_000 });
  return JSON.parse(await readFile(work(`${name}.json`), 'utf8')) as typeof text;
}

/** A line of a stack trace. */
const stackLine = /^\s+at .*(:\d+:\d+|<anonymous>)\)?$/m;
/** What may not reach a terminal: control characters but newline and tab, and those that turn text around. */
const steering = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

function expectRefusal({ exitCode, stdout, stderr }: Outcome): void {
  expect(exitCode).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toMatch(/^FEDX_(SPEC|OVERRIDE|PLUGIN)_[A-Z_]+: ./);
  expect(stderr).not.toMatch(stackLine);
  expect(stderr).not.toMatch(steering);
  // A hundred findings with a long line each, at most.
  expect(stderr.length).toBeLessThan(100_000);
}

describe('a hostile spec', () => {
  it('is one of more than 300', () => {
    expect(cases.length).toBeGreaterThan(300);
    expect(new Set(cases.map(({ group, what, text: spec }) => `${group} ${what} ${spec.length}`)).size).toBeGreaterThan(
      300,
    );
  });

  it.each(cases)('is refused: $group, $what', ({ file }: Case) => {
    const outcome = text[file];
    expect(outcome).toBeDefined();
    if (outcome !== undefined) expectRefusal(outcome);
    expect(outcome?.polluted).toBeUndefined();
  });

  it.each(cases)('is refused in JSON: $group, $what', ({ file }: Case) => {
    const { exitCode, stdout = '', stderr } = json[file] ?? {};
    expect(exitCode).toBe(2);
    expect(stderr).toBe('');
    const { error } = JSON.parse(stdout) as { error: Pick<FedxError, 'code' | 'diagnostics'> };
    expect(error.code).toMatch(/^FEDX_(SPEC|OVERRIDE|PLUGIN)_/);
    expect(error.diagnostics.length).toBeLessThanOrEqual(100);
    expect(stdout.length).toBeLessThan(1_000_000);
  });

  it('leaves no file behind', async () => {
    const written = new Set(cases.flatMap(({ file, files = {} }) => [file, ...Object.keys(files)]));
    expect((await readdir(home)).filter((name) => !written.has(name))).toEqual([]);
    expect((await readdir(outer)).sort()).toEqual(['home', 'work']);
  });
});

/** One of each group, and a third of those that could cost most: each is a process of its own. */
const sample: readonly Case[] = cases.filter(
  ({ text: spec, group }, index) =>
    (spec.length > 200_000 && index % 3 === 0) || index === cases.findIndex((other) => other.group === group),
);

/** Tells at the end how much memory the process had at most, in kilobytes. */
const preload = `process.on('exit', () => process.stderr.write('maxRSS ' + process.resourceUsage().maxRSS));`;

describe('the command line by itself', () => {
  it.each(sample)(
    'refuses with less than 300 MB: $group, $what',
    async ({ file, overrides = [] }: HostileSpec & Case) => {
      const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(preload)}`;
      const { exitCode, stdout, stderr } = await startFedx(['run', file, ...overrides], home, { NODE_OPTIONS }).ended;
      const [, message = '', kilobytes] = /^([\s\S]*)maxRSS (\d+)$/.exec(stderr) ?? [];
      expectRefusal({ exitCode: exitCode ?? -1, stdout, stderr: message });
      expect(Number(kilobytes)).toBeLessThan(300 * 1024);
    },
  );

  it('makes no run folder for any', async () => {
    expect(await readdir(home)).not.toContain('.fedx');
  });
});
