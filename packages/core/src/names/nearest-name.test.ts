import { describe, expect, it } from 'vitest';
import { nearestName, suggest } from './nearest-name.js';

const known = ['learningRate', 'momentum', 'mlp', 'fedavg', 'fedprox'];

describe('the nearest name', () => {
  it.each([
    ['learning_rate', 'learningRate'],
    ['LearningRate', 'learningRate'],
    ['learnigRate', 'learningRate'],
    ['mpl', 'mlp'],
    ['fedavgg', 'fedavg'],
    ['momentun', 'momentum'],
  ])('of %s is %s', (name, nearest) => expect(nearestName(name, known)).toBe(nearest));

  it.each(['__proto__', 'x', '', 'epochs', 'a'.repeat(100_000)])('of %s is none', (name) => {
    expect(nearestName(name, known)).toBeUndefined();
  });

  it('is the one with the fewest edits, two letters that changed places being one', () => {
    expect(nearestName('eeds', ['seed', 'seeds'])).toBe('seeds');
    expect(nearestName('esed', ['seeds', 'seed'])).toBe('seed');
    expect(nearestName('test', ['tset', 'rest'])).toBe('tset');
  });

  it('may be one that is not listed', () => {
    expect(suggest('se', ['mu'], 'Options', ['use'])).toBe('Did you mean use? Options: mu.');
  });

  it('comes with the list of all names', () => {
    expect(suggest('fedav', ['fedavg', 'fedprox'], 'Strategies')).toBe(
      'Did you mean fedavg? Strategies: fedavg, fedprox.',
    );
    expect(suggest('zzz', ['fedavg'], 'Strategies')).toBe('Strategies: fedavg.');
    expect(suggest('zzz', [], 'Strategies')).toBe('');
  });
});
