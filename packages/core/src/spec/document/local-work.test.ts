import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { catalogue, minimal, resolve } from '../../../testing/minimal-spec.js';
import { printSpec } from '../print.js';
import { parseSpec } from '../resolve.js';
import { resolveSweep } from '../sweep/sweep.js';

/** The minimal spec, whose clients have an optimizer, with more about them. */
const withClient = (more: string) => minimal.replace(/^client:\n/m, `client:\n  ${more.replace(', ', '\n  ')}\n`);

describe('local work', () => {
  it('is refused where one document gives both epochs and steps, in the clients and in a control', async () => {
    const text = `${withClient('epochs: 2, steps: 5')}controls: [{ use: iid, client: { steps: 5, epochs: 2 } }]`;
    await expect(resolve(text)).rejects.toMatchObject({
      code: 'FEDX_SPEC_INVALID',
      diagnostics: [
        {
          path: 'client.steps',
          message: 'Epochs and steps are both given, but each alone says how much a client does in a round.',
          start: { line: 8, column: 3 },
          hint: 'Keep one of them.',
        },
        { path: 'controls.0.client.steps', start: { line: 11, column: 34 } },
      ],
    });
  });

  it('is refused where one argument gives both', async () => {
    const both = 'client={ epochs: 2, steps: 5, optimizer: { use: sgd, learningRate: 1 } }';
    await expect(resolve(minimal, both)).rejects.toMatchObject({
      diagnostics: [{ path: 'client.steps', source: both, isArgument: true, start: { column: 21 } }],
    });
  });

  it('is what the last argument says, steps over epochs and epochs over steps', async () => {
    const { client } = await resolve(withClient('epochs: 2'), 'client.steps=5');
    expect(client).toMatchObject({ steps: 5 });
    expect(client).not.toHaveProperty('epochs');
    const back = await resolve(withClient('steps: 5'), 'client.steps=6', 'client.epochs=3');
    expect(back.client).toMatchObject({ epochs: 3 });
    expect(back.client).not.toHaveProperty('steps');
  });

  it('is a control’s own where the control says it', async () => {
    const controls =
      'controls=[{ use: iid, client: { epochs: 3 } }, { use: centralized, client: { steps: 7 } }, local-only]';
    const bySteps = (await resolve(withClient('steps: 5'), controls)).controls.map(({ client }) => client);
    expect(bySteps.map(({ epochs, steps }) => ({ epochs, steps }))).toEqual([
      { epochs: 3 },
      { steps: 7 },
      { steps: 5 },
    ]);
    const byEpochs = (await resolve(withClient('epochs: 2'), controls)).controls.map(({ client }) => client);
    expect(byEpochs.map(({ epochs, steps }) => ({ epochs, steps }))).toEqual([
      { epochs: 3 },
      { steps: 7 },
      { epochs: 2 },
    ]);
  });

  it('may be swept over what the file says', async () => {
    const text = `${withClient('epochs: 2')}sweep: { client.steps: [5, 6] }`;
    const points = await resolveSweep(await parseSpec('spec.yaml', text, []), catalogue);
    expect(points.map(({ spec: { client } }) => [client.epochs, client.steps])).toEqual([
      [undefined, 5],
      [undefined, 6],
    ]);
  });

  it.each([
    'sweep: { client.epochs: [1, 2], client.steps: [5, 6] }',
    'sweep: { zip: { client.epochs: [1, 2], client.steps: [5, 6] } }',
    'sweep: { client.epochs: [1, 2], random: { samples: 2, space: { client.steps: { integer: [1, 9] } } } }',
  ])('is refused where a sweep would set both: %s', async (sweep) => {
    const points = parseSpec('spec.yaml', `${minimal}${sweep}`, []).then((parsed) => resolveSweep(parsed, catalogue));
    await expect(points).rejects.toMatchObject({
      code: 'FEDX_SPEC_INVALID',
      message:
        'client.steps and client.epochs are swept together, but each alone says how much a client does in a round.',
      hint: 'Sweep one of them, or one after the other: cases: [{ client.epochs: […] }, { client.steps: […] }].',
      place: { line: 9 },
      diagnostics: [{ start: { column: sweep.indexOf('client.steps') + 1 } }],
    });
  });

  it('may be swept one after the other', async () => {
    const text = `${minimal}sweep: { cases: [{ client.epochs: [1, 2] }, { client.steps: [5] }] }`;
    const points = await resolveSweep(await parseSpec('spec.yaml', text, []), catalogue);
    expect(points.map(({ spec: { client } }) => [client.epochs, client.steps])).toEqual([
      [1, undefined],
      [2, undefined],
      [undefined, 5],
    ]);
  });

  it('is refused as an argument that every point of a sweep would replace', async () => {
    const text = `${minimal}sweep: { client.epochs: [1, 2] }`;
    const points = parseSpec('spec.yaml', text, ['client.steps=5']).then((parsed) => resolveSweep(parsed, catalogue));
    await expect(points).rejects.toMatchObject({
      message: 'client.epochs is swept, so that this value would never be used.',
      diagnostics: [{ source: 'client.steps=5', path: 'client.steps' }],
    });
  });

  it('is what a merge key is written over with', async () => {
    const text = `${minimal}controls: [{ use: iid, client: &own { epochs: 4 } }, { use: iid, name: b, client: { <<: *own, steps: 9 } }]`;
    const [, control] = (await resolve(text)).controls;
    expect(control?.client).toMatchObject({ steps: 9 });
    expect(control?.client).not.toHaveProperty('epochs');
  });

  it('resolves to a spec that says it once, and reads back as the same', async () => {
    const spec = await resolve(withClient('epochs: 2'), 'client.steps=5', 'controls=[iid]');
    expect(await resolve(printSpec(spec))).toEqual(spec);
  });

  describe('in files', () => {
    let folder = '';
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'fedx-local-work-'));
    });
    afterEach(() => rm(folder, { recursive: true }));

    it('is what a spec says that extends another', async () => {
      await writeFile(join(folder, 'base.yaml'), withClient('epochs: 2'));
      const text = 'extends: base.yaml\nclient: { steps: 5 }\n';
      const { tree } = await parseSpec(join(folder, 'spec.yaml'), text, []);
      const client = tree.entries.get('client')?.value;
      expect(client?.kind === 'mapping' && [...client.entries.keys()].toSorted()).toEqual(['optimizer', 'steps']);
    });
  });
});
