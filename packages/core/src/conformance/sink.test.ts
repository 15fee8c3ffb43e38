import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { titlesOfFailures } from '../../testing/titles-of-failures.js';
import type { Sink, SinkContext } from '../contracts/index.js';
import { defineSink } from '../plugins/index.js';
import { sinkConformance } from './sink.js';

function failures(create: (context: SinkContext) => Sink | Promise<Sink>, seconds = 10): Promise<readonly string[]> {
  const plugin = defineSink({
    name: 'mine',
    options: { type: 'object', description: 'For tests.', additionalProperties: false, properties: {} },
    create: (_, context) => create(context),
  });
  return titlesOfFailures(sinkConformance(plugin, { seconds }));
}

const oneByOne = 'takes every kind of event, one at a time';
const many = 'takes many events at once, and a run again that goes on';
const without = 'ends without having had an event';

describe('the conformance suite of sinks', () => {
  it('passes one that appends to a file, and one that does nothing', async () => {
    const appending = ({ directory, run }: SinkContext): Sink => ({
      write: (events) => appendFile(join(directory, run), events.map((event) => JSON.stringify(event)).join('\n')),
    });
    expect(await failures(appending)).toEqual([]);
    expect(await failures(() => ({ write: () => undefined, end: () => undefined }))).toEqual([]);
  });

  it('finds one that knows only some events', async () => {
    const write: Sink['write'] = (events) => {
      for (const { type } of events) if (type === 'run-failed') throw new TypeError(`What is ${type}?`);
    };
    expect(await failures(() => ({ write }))).toEqual([oneByOne]);
  });

  it('finds one that cannot take a run a second time', async () => {
    const onlyOnce = async ({ directory, run }: SinkContext): Promise<Sink> => {
      await writeFile(join(directory, run), '', { flag: 'wx' });
      return { write: () => undefined };
    };
    expect(await failures(onlyOnce)).toEqual([many]);
  });

  it('finds one that needs events to end', async () => {
    const counting = (): Sink => {
      let count = 0;
      return {
        write: (events) => {
          count += events.length;
        },
        end: () => {
          if (count === 0) throw new RangeError('A mean of nothing.');
        },
      };
    };
    expect(await failures(counting)).toEqual([without]);
  });

  it('finds one that is never done', async () => {
    const never = () => new Promise<void>(() => undefined);
    expect(await failures(() => ({ write: never }), 0.02)).toEqual([oneByOne, many]);
    expect(await failures(() => ({ write: () => undefined, end: never }), 0.02)).toEqual([oneByOne, many, without]);
  });
});
