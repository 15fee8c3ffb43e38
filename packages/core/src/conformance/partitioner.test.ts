import { describe, expect, it } from 'vitest';
import { titlesOfFailures } from '../../testing/titles-of-failures.js';
import type { Partition, PartitionRequest } from '../contracts/index.js';
import { FedxError } from '../errors/index.js';
import { definePartitioner } from '../plugins/index.js';
import { partitionerConformance } from './partitioner.js';

const clients = 5;
const impossible = () => new FedxError('FEDX_PARTITION_IMPOSSIBLE', 'More clients than examples.');

function failures(partition: (request: PartitionRequest) => Partition): Promise<readonly string[]> {
  const plugin = definePartitioner({
    name: 'mine',
    options: { type: 'object', description: 'For tests.', additionalProperties: false, properties: {} },
    partition: (_options, request) => partition(request),
  });
  return titlesOfFailures(partitionerConformance(plugin));
}

/** Examples in shuffled order, dealt out like cards. */
function deal({ labels, random }: PartitionRequest): Uint32Array[] {
  if (labels.length < clients) throw impossible();
  const order = random.shuffle(Uint32Array.from(labels.keys()));
  return Array.from({ length: clients }, (_, client) => order.filter((_row, i) => i % clients === client));
}

describe('the conformance suite of partitioners', () => {
  it('passes one that deals examples out, by row or by quota', async () => {
    expect(await failures((request) => ({ examples: deal(request) }))).toEqual([]);
    const everything = ({ labels, classes }: PartitionRequest) => {
      const quota = new Array<number>(classes).fill(0);
      for (const label of labels) quota[label] = (quota[label] ?? 0) + 1;
      return { quotas: [quota] };
    };
    expect(await failures(everything)).toEqual([]);
  });

  it('finds an example that is given twice', async () => {
    const twice = (request: PartitionRequest) => {
      const [first = new Uint32Array(), ...rest] = deal(request);
      return { examples: [first, first.slice(0, 1), ...rest] };
    };
    expect(await failures(twice)).toContain('gives no example twice and no more of a label than there is');
  });

  it('finds quotas beyond what there is, broken numbers and no examples at all', async () => {
    const title = 'gives no example twice and no more of a label than there is';
    for (const quota of [1000, -1, 0.5, 0]) {
      expect(await failures(({ classes }) => ({ quotas: [new Array<number>(classes).fill(quota)] }))).toContain(title);
    }
  });

  it('finds one that does not follow its stream', async () => {
    let calls = 0;
    const wandering = (request: PartitionRequest) => ({
      examples: deal({ ...request, random: request.random.at(calls++) }),
    });
    expect(await failures(wandering)).toEqual(['gives the same partition for the same stream']);
  });

  it('finds one that draws from its stream to no effect', async () => {
    const stubborn = (request: PartitionRequest) => {
      const examples = deal(request);
      return { examples: examples.map((_, client) => Uint32Array.of(client)) };
    };
    expect(await failures(stubborn)).toEqual(['gives another partition for another seed, if it draws at all']);
  });

  it('finds one that throws something else than FEDX_PARTITION_IMPOSSIBLE where there is too little', async () => {
    const careless = (request: PartitionRequest) => {
      if (request.labels.length < clients) throw new RangeError('too few');
      return { examples: deal(request) };
    };
    expect(await failures(careless)).toEqual([
      'splits one example, or says that it cannot',
      'splits fewer examples than most federations have clients, or says that it cannot',
    ]);
  });

  it('finds one that takes a label without examples for granted', async () => {
    const greedy = (request: PartitionRequest) => {
      const examples = deal(request);
      for (let label = 0; label < request.classes; label++) {
        if (!request.labels.includes(label)) return { examples: [...examples, Uint32Array.of(request.labels.length)] };
      }
      return { examples };
    };
    expect(await failures(greedy)).toEqual(['splits labels without any example, or says that it cannot']);
  });
});
