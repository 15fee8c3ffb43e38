import type { Partition, PartitionRequest } from '../contracts/index.js';
import { FedxError } from '../errors/index.js';
import { callPlugin } from '../plugins/index.js';
import { countLabels } from './labels.js';

/**
 * Calls a partitioner and checks what it returns: quotas that are whole, not negative, and within what there is of each
 * label; or lists of examples that exist, none of them twice. Images that no client gets are allowed.
 *
 * Throws FEDX_PLUGIN_FAILED, naming the partitioner; its errors that have a code of fedx keep it, and name it as well.
 */
export function callPartitioner(
  name: string,
  partition: (request: PartitionRequest) => Partition,
  request: PartitionRequest,
): Partition {
  // A copy of the labels: a partitioner that sorts them in place must not change the dataset.
  const returned = callPlugin(name, 'to partition', () => partition({ ...request, labels: request.labels.slice() }));
  const flaw = describeFlaw(returned, request);
  if (flaw === undefined) return returned;
  throw new FedxError('FEDX_PLUGIN_FAILED', `The partitioner ${name} returned ${flaw}.`, { place: { plugin: name } });
}

/** What is wrong with it, to go after "returned". Plugins may be plain JavaScript, so nothing is taken on trust. */
function describeFlaw(partition: unknown, request: PartitionRequest): string | undefined {
  const { quotas, examples, split } = (partition ?? {}) as Readonly<Record<string, unknown>>;
  // A split is about the dataset's rows, which this request does not show: checkSplit looks at it.
  if (typeof split === 'object' && split !== null && quotas === undefined && examples === undefined) return undefined;
  if (Array.isArray(quotas) === Array.isArray(examples))
    return 'something that has not exactly one of the lists quotas and examples';
  if (Array.isArray(quotas)) return quotas.length === 0 ? 'no clients' : flawOfQuotas(quotas, request);
  if (Array.isArray(examples)) return examples.length === 0 ? 'no clients' : flawOfExamples(examples, request);
  return undefined;
}

function flawOfQuotas(quotas: readonly unknown[], { labels, classes }: PartitionRequest): string | undefined {
  const used = Array<number>(classes).fill(0);
  for (const [client, quota] of quotas.entries()) {
    if (!Array.isArray(quota) || quota.length !== classes)
      return `quotas of client ${client} that are not a list of ${classes} numbers`;
    for (const [label, count] of (quota as readonly unknown[]).entries()) {
      if (typeof count !== 'number' || !Number.isSafeInteger(count) || count < 0)
        return `a quota of ${String(count)} examples of label ${label} for client ${client}`;
      used[label] = (used[label] ?? 0) + count;
    }
  }
  const counts = countLabels(labels, classes);
  const over = counts.findIndex((count, label) => (used[label] ?? 0) > count);
  return over === -1
    ? undefined
    : `quotas of ${used[over]} examples of label ${over}, of which there are ${counts[over]}`;
}

function flawOfExamples(examples: readonly unknown[], { labels }: PartitionRequest): string | undefined {
  const owners = new Int32Array(labels.length).fill(-1);
  for (const [client, rows] of examples.entries()) {
    if (!(rows instanceof Uint32Array)) return `examples of client ${client} that are not a Uint32Array`;
    for (const row of rows) {
      const owner = owners[row];
      if (owner === undefined) return `example ${row} for client ${client}, of ${labels.length} examples`;
      if (owner !== -1) return `example ${row} twice, for clients ${owner} and ${client}`;
      owners[row] = client;
    }
  }
  return undefined;
}
