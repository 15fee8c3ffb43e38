import { describe, expect, it } from 'vitest';
import { confusionTable, partitionPicture, partitionTable } from './tables.js';

describe('partitionTable', () => {
  it('has a row a client: its labels, then of what use its images are', () => {
    const labels = [
      [5, 1],
      [0, 4],
    ];
    expect(partitionTable({ labels, train: [4, 3], validation: [1, 0], test: [1, 1] })).toEqual({
      columns: ['client', 'label 0', 'label 1', 'train', 'validation', 'test'],
      data: [
        [0, 5, 1, 4, 1, 1],
        [1, 0, 4, 3, 0, 1],
      ],
    });
  });
});

describe('confusionTable', () => {
  it('has a row a true class', () => {
    const confusion = [
      [8, 2],
      [1, 9],
    ];
    expect(confusionTable(confusion)).toEqual({
      columns: ['true class', 'predicted 0', 'predicted 1'],
      data: [
        [0, 8, 2],
        [1, 1, 9],
      ],
    });
  });
});

describe('partitionPicture', () => {
  it('shows no more clients than can be told apart, and says how many there are', async () => {
    const labels = Array.from({ length: 200 }, () => [1, 2]);
    const svg = await partitionPicture({ labels, train: [], validation: [], test: [] });
    expect(svg).toContain('the first 60 of 200 clients');
    expect(svg.length).toBeLessThan(100_000);
  });
});
