import type { Random } from '../random/index.js';
import type { ClientExamples, FederatedData } from './federated-data.js';
import type { Holdout } from './holdout.js';
import { cutRows, joinRows } from './rows.js';

/**
 * The same federation without its skew: the images that the clients have, dealt anew at random. Every client keeps
 * exactly its number of training, validation and test examples, and the global test and validation sets stay as they
 * are, so that a comparison of the two shows what the skew costs and nothing else.
 */
export function iidCounterpart(data: FederatedData, random: Random): FederatedData {
  const redeal = (use: keyof Holdout): Uint32Array[] => {
    const rows = random.at('iid', use).shuffle(joinRows(data.clients.map((client) => client[use])));
    return cutRows(
      rows,
      data.clients.map((client) => client[use].length),
    ).map((part) => part.slice().sort());
  };
  const [train, validation, test] = [redeal('train'), redeal('validation'), redeal('test')];
  const clients = data.clients.map(
    (client, k): ClientExamples => ({
      train: train[k] ?? client.train,
      validation: validation[k] ?? client.validation,
      test: test[k] ?? client.test,
    }),
  );
  return { ...data, clients };
}
