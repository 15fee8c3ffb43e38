import type { Aggregated, Parameters, ParameterTensor, SamplerPlugin } from '../contracts/index.js';
import { FedxError } from '../errors/index.js';
import { nearestName } from '../names/index.js';
import { isFinite } from '../parameters/index.js';
import { callPlugin, describe } from '../plugins/index.js';
import type { Random } from '../random/index.js';
import type { Metrics } from '../runs/index.js';
import { metricKeys } from './evaluation/metrics.js';

type Next = Aggregated<unknown>;

/** Calls a strategy's `aggregate` and checks what it returns, so that a fault names plugin and round. */
export function checkedAggregate(
  { name: arm, strategyName: plugin }: { readonly name: string; readonly strategyName: string },
  aggregate: () => Partial<Next> | undefined,
  before: Parameters,
  round: number,
): { readonly global: Parameters; readonly state: unknown; readonly log: Metrics } {
  const place = { arm, plugin, round };
  const fail = (what: string) =>
    new FedxError('FEDX_PLUGIN_FAILED', `The strategy ${plugin} ${what} in round ${round}.`, { place });
  const next = callPlugin(plugin, `to aggregate in round ${round}`, aggregate, place);
  const misspelt = misspeltResult(Object(next) as object);
  if (misspelt !== undefined) throw fail(`returned ${misspelt}`);
  const global = next?.global;
  if (global === undefined) throw fail('returned no global parameters');
  const unknown = Object.keys(global).find((name) => !(name in before));
  if (unknown !== undefined) throw fail(`returned ${unknown}, which is no parameter of the model,`);
  for (const [name, expected] of Object.entries(before)) {
    const why = whyOtherTensor(name, expected, global[name]);
    if (why !== undefined) throw fail(`returned ${why}`);
  }
  if (!isFinite(global)) throw fail('returned parameters that are not finite');
  const log = Object.entries(next?.log ?? {});
  const odd = log.find(([, value]) => typeof value !== 'number');
  if (odd !== undefined) throw fail(`logged ${odd[0]}, which is no number,`);
  return {
    global,
    state: next?.state,
    log: Object.fromEntries(log.map(([key, value]) => [metricKeys.strategy(key), value])),
  };
}

/** What keeps `made` from being a parameter's next value, to follow "returned". */
function whyOtherTensor(
  name: string,
  { shape, data }: ParameterTensor,
  made: Partial<ParameterTensor> | undefined,
): string | undefined {
  if (made === undefined) return `no parameter ${name}`;
  if (made.shape?.join() !== shape.join())
    return `${name} of shape [${made.shape?.join(', ') ?? 'nothing'}] instead of [${shape.join(', ')}]`;
  if (made.data?.length === data.length) return undefined;
  return `${name} with ${made.data?.length ?? 'no'} values instead of the ${data.length} of its shape [${shape.join(', ')}]`;
}

/** A member of what `aggregate` returned that stands for another one, which is absent. */
function misspeltResult(next: object): string | undefined {
  const known = ['global', 'state', 'log'].filter((name) => !(name in next));
  const name = Object.keys(next).find((each) => nearestName(each, known) !== undefined);
  return name === undefined ? undefined : `${name}, where ${nearestName(name, known)} may be meant,`;
}

/** What a round's cohort is drawn from. */
export interface Draw {
  /** Training examples of each client. */
  readonly examples: readonly number[];
  readonly round: number;
  /** The stream `cohort`. */
  readonly random: Random;
  /** The folder of the spec. */
  readonly directory: string;
  /** Of the candidates, where the sampler names any. */
  readonly losses?: ReadonlyMap<number, number> | undefined;
}

type Options = Readonly<Record<string, unknown>>;

/** Draws a round's cohort and checks it: ascending client numbers, each once, at least one. */
export function checkedCohort(
  sampler: SamplerPlugin,
  options: Options,
  { examples, round, random, directory, losses }: Draw,
): readonly number[] {
  const request = { round, examples, random: random.at(round), directory, ...(losses !== undefined && { losses }) };
  return checkedClients(sampler.name, { examples, round }, () => sampler.sample(options, request));
}

/** The clients whose loss a sampler wants to know, checked as a cohort is; undefined where it asks for none. */
export function checkedCandidates(
  sampler: SamplerPlugin,
  options: Options,
  { examples, round, random, directory }: Draw,
): readonly number[] | undefined {
  if (sampler.candidates === undefined) return undefined;
  const request = { round, examples, random: random.at(round, 'candidates'), directory };
  return checkedClients(sampler.name, { examples, round }, () => sampler.candidates?.(options, request) ?? []);
}

function checkedClients(
  plugin: string,
  { examples, round }: Pick<Draw, 'examples' | 'round'>,
  draw: () => readonly number[],
): readonly number[] {
  const place = { plugin, round };
  const drawn: unknown = callPlugin(plugin, `to draw the cohort of round ${round}`, draw, place);
  const clients = Array.isArray(drawn) ? (drawn as readonly unknown[]) : [];
  const isClient = (client: unknown, above: unknown): client is number =>
    typeof client === 'number' &&
    Number.isInteger(client) &&
    client >= 0 &&
    client < examples.length &&
    (typeof above !== 'number' || client > above);
  if (clients.length > 0 && clients.every((client, i): client is number => isClient(client, clients[i - 1])))
    return clients;
  const returned = Array.isArray(drawn) ? `[${drawn.join(', ')}]` : describe(drawn);
  throw new FedxError(
    'FEDX_PLUGIN_FAILED',
    `The sampler ${plugin} returned ${returned} in round ${round}: ascending clients of 0 to ${examples.length - 1} are needed.`,
    { place },
  );
}
