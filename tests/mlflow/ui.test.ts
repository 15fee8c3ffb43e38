import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createMlflowClient } from 'mlflow-js-client';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type Ended, type Started, startFedx } from '../e2e/fedx.js';
import { createProject, type Project, type Run } from '../integration/tiny-federation.js';
import { all } from './all.js';
import { findChromium } from './find-chromium.js';
import { freePort, programOf, versions } from './mlflow-server.js';

/** What `fedx ui --json` prints. */
interface Document {
  readonly url: string;
  readonly compare?: string;
  readonly synced: readonly string[];
  readonly failed: readonly unknown[];
}

const isInstalled = inject('mlflowServers')[versions[0]] !== undefined;
/** The cache that has the environments of these tests: `<cache>/mlflow/<version>/bin/mlflow`. */
const cache = dirname(dirname(dirname(dirname(programOf(versions[0], 'mlflow') ?? ''))));

const executablePath = findChromium();

const errorOf = ({ stdout }: Ended): unknown => (JSON.parse(stdout) as { readonly error: unknown }).error;

describe.skipIf(!isInstalled)('fedx ui', () => {
  let project: Project;
  let run: Run;
  let folder: string;
  let first: Started;
  let shown: Document;

  beforeAll(async () => {
    project = await createProject();
    run = await project.run(['executor.workers=1', 'controls=[iid]', 'tracking.mlflow=off']);
    folder = dirname(dirname(dirname(run.folder)));
    first = start();
    shown = await documentOf(first);
  });

  const started: Started[] = [];
  const start = (...args: readonly string[]): Started => {
    const ui = startFedx(['ui', '--json', ...args], folder, { FEDX_CACHE: cache });
    started.push(ui);
    return ui;
  };

  afterAll(async () => {
    for (const { child } of started) child.kill('SIGKILL');
    await Promise.all(started.map(({ ended }) => ended));
    await project.remove();
  });

  /** The document, once it is there; the command goes on. */
  async function documentOf(ui: Started): Promise<Document> {
    let text = '';
    ui.child.stdout?.on('data', (more: string) => (text += more));
    await ui.wrote('\n}\n');
    return JSON.parse(text) as Document;
  }
  const isUp = (url: string): Promise<boolean> =>
    fetch(`${url}/health`).then(
      ({ ok }) => ok,
      () => false,
    );

  it('sends the runs of a folder, and names the page that compares the arms of the latest', async () => {
    const { compare = '', failed, synced, url } = shown;
    expect({ failed, synced }).toEqual({
      failed: [],
      synced: [run.events[0]?.type === 'run-started' && run.events[0].run],
    });
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);

    const client = createMlflowClient({ trackingUri: url, env: {}, retries: 0 });
    const { experimentId } = await client.experiments.getOrCreate({ name: 'tiny' });
    const runs = await all(client.runs.search({ experimentIds: [experimentId] }));
    const arms = ['federated', 'iid'].map((arm) => runs.find(({ tags }) => tags['fedx.arm'] === arm));
    expect(runs).toHaveLength(3);
    expect(arms.map((arm) => arm?.metrics['test/accuracy'])).toEqual([expect.any(Number), expect.any(Number)]);
    const query = new URLSearchParams(compare.slice(compare.indexOf('?')));
    expect(JSON.parse(query.get('runs') ?? '')).toEqual(arms.map((arm) => arm?.runId));
    expect(JSON.parse(query.get('experiments') ?? '')).toEqual([experimentId]);
    await client.close();
  });

  describe.skipIf(executablePath === undefined)('in a browser (Chromium)', () => {
    let browser: Browser;

    beforeAll(async () => {
      browser = await chromium.launch(executablePath === undefined ? {} : { executablePath });
    });

    afterAll(() => browser.close());

    it('lays the curves of both arms over each other', async () => {
      const page = await browser.newPage();
      await page.goto(shown.compare ?? '');
      // A curve is drawn twice: as it is, and smoothed.
      await page.locator('.js-plotly-plot .scatterlayer .trace').nth(3).waitFor();
      const curves = await page
        .locator('.js-plotly-plot')
        .evaluate((plot) => (plot as unknown as { data: { name: string; x: number[]; y: number[] }[] }).data);
      const drawn = new Map(curves.map(({ name, x, y }) => [name, x.map((step, i) => [step, y[i]])]));
      const expected = new Map<string, (readonly [number, number | undefined])[]>();
      for (const event of run.events) {
        if (event.type !== 'step-completed') continue;
        expected.set(event.arm, [...(expected.get(event.arm) ?? []), [event.step, event.metrics['test/accuracy']]]);
      }
      expect([...expected.keys()].sort()).toEqual(['federated', 'iid']);
      expect(drawn).toEqual(expected);
      const lines = await page.locator('.js-plotly-plot path.js-line').all();
      const paths = await Promise.all(lines.map((line) => line.getAttribute('d')));
      expect(new Set(paths).size).toBe(2);
      expect(await page.locator('.js-plotly-plot').isVisible()).toBe(true);
      await page.close();
    });

    it('lists the run of the invocation, and below it its arms', async () => {
      const [experiment] = JSON.parse(
        new URLSearchParams(shown.compare?.replace(/^.*\?/, '')).get('experiments') ?? '[]',
      ) as string[];
      const page = await browser.newPage();
      await page.goto(`${shown.url}/#/experiments/${experiment}/runs`);
      const cells = page.getByRole('gridcell');
      const runs = page.locator('a[href*="/runs/"]');
      const names = (): Promise<string[]> => cells.locator(runs).allInnerTexts();
      await expect.poll(names, { timeout: 60_000 }).toEqual(['tiny']);
      await cells.filter({ has: runs }).getByRole('button').click();
      await expect.poll(async () => (await names()).sort(), { timeout: 60_000 }).toEqual(['federated', 'iid', 'tiny']);
      await page.close();
    });
  });

  it('leaves no server behind however it ends, and sends nothing twice', async () => {
    const { compare = '', url } = shown;
    const second = await start().ended;
    expect(second.exitCode).toBe(5);
    expect(errorOf(second)).toMatchObject({
      code: 'FEDX_UI_BUSY',
      message: expect.stringContaining(`${first.child.pid}`),
    });

    first.child.kill('SIGKILL');
    await first.ended;
    for (let look = 0; look < 200 && (await isUp(url)); look++) await sleep(100);
    expect(await isUp(url)).toBe(false);

    const third = start();
    const again = await documentOf(third);
    expect({ ...again, compare: again.compare?.replace(again.url, '') }).toEqual({
      url: again.url,
      compare: compare.replace(url, ''),
      synced: [],
      failed: [],
    });
    third.child.kill('SIGINT');
    expect(await third.ended).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('MLflow has stopped.') });
    expect(await isUp(again.url)).toBe(false);
  });

  it('says that the port which it was given is taken', async () => {
    const other = createServer().listen(await freePort(), '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = String(typeof address === 'object' ? address?.port : '');
    const ended = await start('--port', port).ended;
    expect(errorOf(ended)).toMatchObject({ code: 'FEDX_UI_BUSY', message: expect.stringContaining(port) });
    other.close();
  });
});

describe('fedx ui without an MLflow that works', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fedx-ui-'));
    await mkdir(join(folder, 'bin'));
  });

  afterAll(() => rm(folder, { recursive: true }));

  const ended = (path: string): Promise<Ended> =>
    startFedx(['ui', '--json'], folder, { PATH: path, FEDX_CACHE: join(folder, 'cache') }).ended;

  it('names the command that installs it', async () => {
    const outcome = await ended(join(folder, 'bin'));
    expect(outcome.exitCode).toBe(5);
    expect(errorOf(outcome)).toMatchObject({
      code: 'FEDX_UI_UNAVAILABLE',
      hint: expect.stringContaining('fedx setup mlflow'),
    });
  });

  it('tells what a server that does not start said', async () => {
    const program = join(folder, 'bin', 'mlflow');
    await writeFile(program, '#!/bin/sh\necho "no such table: experiments" >&2\nexit 3\n');
    await chmod(program, 0o755);
    const outcome = await ended(`${join(folder, 'bin')}:/usr/bin:/bin`);
    expect(outcome.exitCode).toBe(5);
    expect(errorOf(outcome)).toMatchObject({
      code: 'FEDX_UI_UNAVAILABLE',
      message: expect.stringContaining('no such table: experiments'),
      place: { file: expect.stringMatching(/server\.log$/) },
    });
  });
});
