import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '@fedx/core/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { availability } from './availability.js';

const examples = [10, 10, 10, 10, 10, 10];
const directory = mkdtempSync(join(tmpdir(), 'fedx-availability-'));
afterAll(() => {
  rmSync(directory, { recursive: true });
});
const at = (round: number) => ({ round, examples, random: createRandom(1).at(round), directory });
const file = join(directory, 'trace.csv');

describe('availability', () => {
  it('takes all that a trace lists, and begins the trace anew after its end', () => {
    const trace = [[4, 1], [2]];
    expect([1, 2, 3].map((round) => availability.sample({ trace }, at(round)))).toEqual([[1, 4], [2], [1, 4]]);
  });

  it('takes no more than so many, and whoever is there where they are fewer', () => {
    const trace = [[0, 1, 2, 3], [5]];
    const cohorts = Array.from({ length: 40 }, (_, i) => availability.sample({ trace, clients: 2 }, at(2 * i + 1)));
    expect(cohorts.every((cohort) => cohort.length === 2 && cohort.every((client) => client < 4))).toBe(true);
    expect(new Set(cohorts.flat())).toEqual(new Set([0, 1, 2, 3]));
    expect(availability.sample({ trace, clients: 2 }, at(2))).toEqual([5]);
  });

  it('has each client there for its share of a period, each with a phase of its own', () => {
    const rounds = Array.from({ length: 24 }, (_, i) => availability.sample({ period: 24, on: 12 }, at(i + 1)));
    for (const client of examples.keys()) expect(rounds.filter((one) => one.includes(client))).toHaveLength(12);
    expect(new Set(rounds.map(String)).size).toBeGreaterThan(6);
    expect(availability.sample({ period: 24, on: 12 }, at(25))).toEqual(rounds[0]);
  });

  it.each([
    ['nobody is there by its trace', { trace: [[]] }, 'FEDX_COHORT_TOO_SMALL'],
    ['nobody is there by periods', { period: 1000, on: 1 }, 'FEDX_COHORT_TOO_SMALL'],
    ['its period is too short', { period: 3, on: 4 }, 'FEDX_COHORT_TOO_LARGE'],
    ['its trace lists a client that does not exist', { trace: [[6]] }, 'FEDX_COHORT_TOO_LARGE'],
  ])('says so where %s', (_, options, code) => {
    expect(() => availability.sample(options, at(1))).toThrow(expect.objectContaining({ code }));
  });

  it('takes who a file says is there, both ends of a stay included, and begins it anew after its last round', () => {
    writeFileSync(file, '\ufeffclient,from,to\r\n4,1,2\r\n\r\n1, 2, 3\r\n4,2,2\r\n');
    const options = { path: './trace.csv' };
    const cohorts = [1, 2, 3, 4].map((round) => availability.sample(options, at(round)));
    expect(cohorts).toEqual([[4], [1, 4], [1], [4]]);
    // What is read is a run's until its end.
    writeFileSync(file, 'client,from,to\n0,1,1\n');
    expect(availability.sample(options, at(1))).toEqual([4]);
    expect(availability.sample({ ...options }, at(1))).toEqual([0]);
  });

  it.each<[string, string, string, number, string]>([
    ['without its first line', '4,1,2\n', 'FEDX_DATA_CORRUPT', 1, 'does not begin with "client,from,to"'],
    ['of nothing else', 'client,from,to\n', 'FEDX_DATA_CORRUPT', 1, 'there is no stay'],
    ['with a ragged row', 'client,from,to\n4,1,2\n4,1\n', 'FEDX_DATA_CORRUPT', 3, 'not three whole numbers'],
    ['with text in a number', 'client,from,to\nanna,1,2\n', 'FEDX_DATA_CORRUPT', 2, 'not three whole numbers'],
    ['with a round 0', 'client,from,to\n4,0,2\n', 'FEDX_DATA_CORRUPT', 2, 'rounds 0 to 2 are none'],
    ['with a stay that ends before it begins', 'client,from,to\n4,3,2\n', 'FEDX_DATA_CORRUPT', 2, 'rounds 3 to 2'],
    ['with a client that does not exist', 'client,from,to\n6,9,9\n', 'FEDX_COHORT_TOO_LARGE', 2, 'the last one is 5'],
  ])('refuses a file %s, with its line', (_, text, code, line, message) => {
    writeFileSync(file, text);
    expect(() => availability.sample({ path: 'trace.csv' }, at(1))).toThrow(
      expect.objectContaining({ code, place: { file, line }, message: expect.stringContaining(message) }),
    );
  });

  it('says that there is no file, and which round nobody of a file is there', () => {
    expect(() => availability.sample({ path: 'none.csv' }, at(1))).toThrow(
      expect.objectContaining({ code: 'FEDX_DATA_NOT_FOUND', place: { file: join(directory, 'none.csv') } }),
    );
    writeFileSync(file, 'client,from,to\n1,1,1\n2,3,3\n');
    expect(() => availability.sample({ path: 'trace.csv' }, at(2))).toThrow(
      expect.objectContaining({ code: 'FEDX_COHORT_TOO_SMALL', message: 'No client is there in round 2.' }),
    );
  });
});
