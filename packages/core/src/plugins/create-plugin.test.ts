import { describe, expect, it } from 'vitest';
import { createPlugin } from './create-plugin.js';
import { defineAttack, defineMetric, defineSchedule, defineStrategy } from './define.js';

const options = { type: 'object' } as const;
const create = () => ({}) as never;
const plugins = {
  strategy: defineStrategy({ name: 'mine', options, create }),
  schedule: defineSchedule({ name: 'mine', options, create }),
  attack: defineAttack({ name: 'mine', options, create }),
  metric: defineMetric({ name: 'mine', options, create }),
};
const f = () => undefined;

describe('what create gives', () => {
  it.each([
    ['strategy', 7, 'returned the number 7, where an object is needed'],
    ['strategy', Promise.resolve({ aggregate: f }), 'returned a promise, but a strategy is made at once'],
    ['strategy', { agregate: f }, 'returned an object that needs a function aggregate; it has agregate'],
    [
      'strategy',
      { aggregate: 'mean' },
      'returned an object that has the text "mean" as aggregate, where a function is needed',
    ],
    [
      'strategy',
      { aggregate: f, weights: 'all' },
      'has the text "all" as weights, where examples or uniform is needed',
    ],
    [
      'strategy',
      { aggregate: f, client: { gradient: [] } },
      'has a list as client.gradient, where a function is needed',
    ],
    ['strategy', { aggregate: f, client: f }, 'has a function as client, where an object is needed'],
    ['strategy', { aggregate: f, requires: 'plain-sgd' }, 'as requires, where a list of names is needed'],
    ['schedule', { factor: f }, 'needs over, rounds or steps; it has factor'],
    ['attack', {}, 'needs a function relabel or forge'],
    ['strategy', { aggregate: f, brodcast: f }, 'has brodcast, which nothing reads; broadcast may be meant'],
    ['strategy', { aggregate: f, Init: f }, 'has Init, which nothing reads; init may be meant'],
    ['strategy', { aggregate: f, weight: 'uniform' }, 'has weight, which nothing reads; weights may be meant'],
    ['strategy', { aggregate: f, clients: { loss: f } }, 'has clients, which nothing reads; client may be meant'],
    [
      'strategy',
      { aggregate: f, client: { gradeint: f } },
      'has client.gradeint, which nothing reads; client.gradient may be meant',
    ],
    ['attack', { relabel: f, forgee: f }, 'has forgee, which nothing reads; forge may be meant'],
    ['metric', { measure: f, finish: null }, 'has null as finish, where a function is needed'],
  ] as const)('is refused with what is wrong: %s %o', (kind, created, why) => {
    const plugin = plugins[kind];
    expect(() => createPlugin(plugin, () => created as unknown)).toThrow(
      expect.objectContaining({
        code: 'FEDX_PLUGIN_FAILED',
        message: expect.stringMatching(
          new RegExp(`^The ${kind} mine cannot be used: its create .*${why.replaceAll(/[()?]/g, '.')}\\.$`),
        ),
        place: { plugin: 'mine' },
      }),
    );
  });

  it('is refused with a misspelt method of a class', () => {
    class Mine {
      aggregate(): void {
        // Nothing to do.
      }
      broadcats(): void {
        // Never called.
      }
    }
    expect(() => createPlugin(plugins.strategy, () => new Mine())).toThrow('broadcast may be meant');
  });

  it('may have more than the contract knows, be it of a class', () => {
    class Mine {
      count = 0;
      weight = 0.5;
      clients = new Map<number, number>();
      aggregate(): void {
        this.count++;
      }
      wait(): void {
        this.count--;
      }
    }
    const mine = new Mine();
    expect(createPlugin(plugins.strategy, () => mine)).toBe(mine);
  });
});
