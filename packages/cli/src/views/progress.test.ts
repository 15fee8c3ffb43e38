import type { JournalEntry, RunEvent } from '@fedx/core/host';
import { describe, expect, it } from 'vitest';
import { coloured, plain } from './paint.js';
import { advance, type Progress, secondsLeft } from './progress.js';
import { renderEntry, renderProgress, renderWarning } from './progress-lines.js';

/** The entries of a journal whose events are a second apart. */
function journal(...events: readonly RunEvent[]): JournalEntry[] {
  return events.map((event, index) => ({ ...event, sequence: index + 1, time: 1000 * index }));
}

const replay = (entries: readonly JournalEntry[]): Progress => entries.reduce<Progress>(advance, []);

const started: RunEvent = {
  type: 'run-started',
  run: 'r-1',
  name: 'x',
  engine: 'onnx',
  workers: 2,
  arms: ['federated', 'centralized'],
};
const firstArm: RunEvent = { type: 'arm-started', arm: 'federated', use: 'federated', steps: 100 };
const metrics = { 'test/accuracy': 0.61234, 'test/loss': 1.2345, 'time/round-seconds': 0.0123 };
const step = (number: number): RunEvent => ({ type: 'step-completed', arm: 'federated', step: number, metrics });

describe('advance', () => {
  it('keeps the metrics of steps that were not evaluated', () => {
    const progress = replay(
      journal(started, firstArm, step(1), {
        type: 'step-completed',
        arm: 'federated',
        step: 2,
        metrics: { 'local/loss': 1 },
      }),
    );
    expect(progress[0]).toMatchObject({ step: 2, metrics: { ...metrics, 'local/loss': 1 }, state: 'running' });
  });

  it('changes nothing for entries that say nothing of an arm', () => {
    const before = replay(journal(started, firstArm));
    for (const entry of journal(
      { type: 'warning', message: 'odd' },
      { type: 'run-completed', seconds: 1 },
      { type: 'run-interrupted' },
    )) {
      expect(advance(before, entry)).toBe(before);
    }
  });

  it('leaves the other arms alone', () => {
    expect(replay(journal(started, firstArm, step(1)))[1]).toMatchObject({
      arm: 'centralized',
      step: 0,
      state: 'waiting',
    });
  });
});

describe('secondsLeft', () => {
  it('expects the rest to go on as the arm went', () => {
    // Two steps in two seconds leave 98 steps, a second each.
    const [arm] = replay(journal(started, firstArm, step(1), step(2)));
    expect(arm && secondsLeft(arm)).toBe(98);
  });

  it('knows nothing before the first step', () => {
    const [arm] = replay(journal(started, firstArm));
    expect(arm && secondsLeft(arm)).toBeUndefined();
  });
});

describe('renderProgress', () => {
  it('gives each arm a line, aligned', () => {
    expect(renderProgress(replay(journal(started, firstArm, step(1), step(2))), plain)).toBe(
      'federated    round   2/100  accuracy 0.6123  loss 1.2345  ETA 1 min 38 s\ncentralized  waiting',
    );
  });

  it('says how long a completed arm took', () => {
    const entries = journal(started, firstArm, step(1), {
      type: 'arm-completed',
      arm: 'federated',
      steps: 100,
      seconds: 2,
    });
    expect(renderProgress(replay(entries), plain).split('\n')[0]).toBe(
      'federated    round 100/100  accuracy 0.6123  loss 1.2345  done in 2.00 s',
    );
  });

  it('says the same with colours', () => {
    const progress = replay(journal(started, firstArm, step(1)));
    const escapes = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'g');
    expect(renderProgress(progress, coloured)).toMatch(escapes);
    expect(renderProgress(progress, coloured).replace(escapes, '')).toBe(renderProgress(progress, plain));
  });
});

describe('renderEntry', () => {
  const lines = (...events: RunEvent[]): (string | undefined)[] => {
    const entries = journal(...events);
    return entries.map((entry, index) => renderEntry(entry, replay(entries.slice(0, index + 1))));
  };

  it('writes a plain line a step', () => {
    expect(lines(started, firstArm, step(3))).toEqual([
      'run r-1  engine onnx  workers 2  arms federated, centralized',
      undefined,
      'federated  round 3/100  accuracy 0.6123  loss 1.2345  12.3 ms',
    ]);
  });

  it('counts the epochs of a centralized arm', () => {
    const epoch: RunEvent = { type: 'step-completed', arm: 'centralized', step: 1, metrics: {} };
    expect(lines(started, { type: 'arm-started', arm: 'centralized', use: 'centralized', steps: 10 }, epoch)[2]).toBe(
      'centralized  epoch 1/10',
    );
  });

  it('says of a control which run trained it', () => {
    const repeated = { arm: 'centralized', use: 'centralized', steps: 10, repeats: 'r-0' } as const;
    expect(lines(started, { type: 'arm-started', ...repeated })[1]).toBe(
      'centralized  the same as in run r-0, which trained it',
    );
  });

  it("takes the clients' own models where no model is deployed", () => {
    const local: RunEvent = {
      type: 'step-completed',
      arm: 'federated',
      step: 1,
      metrics: { 'personal/test/accuracy/mean': 0.5, 'local/loss': 0.25 },
    };
    expect(lines(started, firstArm, local)[2]).toBe('federated  round 1/100  accuracy 0.5000  loss 0.2500');
  });
});

describe('renderWarning', () => {
  it('names the arm where there is one', () => {
    expect(renderWarning({ arm: 'iid', message: 'odd' }, plain)).toBe('warning: iid: odd');
    expect(renderWarning({ message: 'odd' }, plain)).toBe('warning: odd');
  });
});
