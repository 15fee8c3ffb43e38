/** What plugins of each kind, and what their `create` gives, consist of: the contracts once more, as what can be checked. */
import type {
  Attack,
  ClientRule,
  Metric,
  Model,
  Optimizer,
  PluginKind,
  PluginOfKind,
  Schedule,
  Sink,
  Strategy,
  Transform,
} from '../contracts/index.js';
import { nearestName } from '../names/index.js';

/** What a member has to be. */
export interface Member {
  /** To follow "where … is needed". */
  readonly type: string;
  readonly fits: (value: unknown) => boolean;
  readonly isOptional: boolean;
  /** Of an object: its own. */
  readonly members?: Members;
}

/** Members by name; what else an object has is its own business. */
export type Members = Readonly<Record<string, Member>>;

/** Every member of a contract: one that is added there and not here does not compile. */
type MembersOf<Contract> = { readonly [Name in keyof Required<Contract>]: Member };

interface Created {
  model: Model;
  optimizer: Optimizer;
  schedule: Schedule;
  strategy: Strategy;
  transform: Transform;
  attack: Attack;
  metric: Metric;
  sink: Sink;
}

const method: Member = { type: 'a function', fits: (value) => typeof value === 'function', isOptional: false };
const names: Member = {
  type: 'a list of names',
  fits: (value) => Array.isArray(value) && value.every((name) => typeof name === 'string'),
  isOptional: false,
};
const text: Member = { type: 'a text', fits: (value) => typeof value === 'string', isOptional: false };
const count: Member = {
  type: 'a whole number from 1',
  fits: (value) => Number.isInteger(value) && Number(value) >= 1,
  isOptional: false,
};
const flag: Member = { type: 'true or false', fits: (value) => typeof value === 'boolean', isOptional: false };

function oneOf(...values: readonly string[]): Member {
  return { type: values.join(' or '), fits: (value) => values.some((each) => each === value), isOptional: false };
}

function object(members: Members): Member {
  return {
    type: 'an object',
    fits: (value) => typeof value === 'object' && value !== null,
    isOptional: false,
    members,
  };
}

function optional(member: Member): Member {
  return { ...member, isOptional: true };
}

/** Of a plugin itself, beside kind, name and options. */
export const definitionMembers = {
  dataset: { load: method, holdsOut: optional(flag) },
  partitioner: { partition: method, holdsOut: optional(flag) },
  model: { create: method },
  optimizer: { create: method },
  schedule: { create: method },
  strategy: { create: method },
  sampler: { sample: method, inclusion: optional(method), candidates: optional(method) },
  transform: { create: method },
  attack: { create: method },
  metric: { create: method, better: optional(oneOf('higher', 'lower')) },
  sink: { create: method },
} satisfies { readonly [Kind in PluginKind]: MembersOf<Omit<PluginOfKind[Kind], 'kind' | 'name' | 'options'>> };

const clientRule = {
  init: optional(method),
  loss: optional(method),
  gradient: optional(method),
  end: optional(method),
} satisfies MembersOf<ClientRule>;

/** Of what `create` gives, by the kinds that have one. */
export const createdMembers = {
  model: { init: method, apply: method, statistics: optional(names) },
  optimizer: { update: method, slots: optional(names) },
  schedule: { over: oneOf('rounds', 'steps'), factor: method },
  strategy: {
    aggregate: method,
    init: optional(method),
    broadcast: optional(method),
    shared: optional(method),
    weights: optional(oneOf('examples', 'uniform')),
    reads: optional(oneOf('mean', 'each')),
    requires: optional(names),
    exactUpdates: optional(flag),
    leastCohort: optional(
      object({ clients: count, rule: text, option: text } satisfies MembersOf<Strategy['leastCohort'] & object>),
    ),
    robustness: optional(object({ rule: text, bears: method } satisfies MembersOf<Strategy['robustness'] & object>)),
    client: optional(object(clientRule)),
    personal: optional(object({ gradient: optional(method) } satisfies MembersOf<Strategy['personal'] & object>)),
  },
  transform: {
    apply: method,
    init: optional(method),
    next: optional(method),
    privacy: optional(object({ role: oneOf('clip', 'noise') })),
  },
  attack: { relabel: optional(method), forge: optional(method), idle: optional(method) },
  metric: { measure: method, finish: method },
  sink: { write: method, end: optional(method) },
} satisfies { readonly [Kind in keyof Created]: MembersOf<Created[Kind]> };

/** What is wrong with an object of these members, to follow its name, e.g. `needs a function aggregate`; undefined where all fits. */
export function whyUnfit(value: object, members: Members, within = ''): string | undefined {
  const entries = value as Readonly<Record<string, unknown>>;
  for (const [name, member] of Object.entries(members)) {
    const found = entries[name];
    const called = `${within}${name}`;
    if (found === undefined) {
      if (member.isOptional) continue;
      const others = Object.keys(entries).filter((other) => entries[other] !== undefined);
      const has = others.length === 0 ? 'nothing' : others.join(', ');
      return `needs ${member.type === 'a function' ? `a function ${called}` : `${called}, ${member.type}`}; it has ${has}`;
    }
    if (!member.fits(found)) return `has ${describe(found)} as ${called}, where ${member.type} is needed`;
    const why = member.members && whyUnfit(found as object, member.members, `${called}.`);
    if (why !== undefined) return why;
  }
  return whyMisspelt(entries, members, within);
}

/**
 * Which member an absent one is misspelt by. An object may be of a class, with members of its own: only what could be the
 * absent member, and whose name has no more than one wrong letter in four, counts.
 */
function whyMisspelt(entries: Readonly<Record<string, unknown>>, members: Members, within: string): string | undefined {
  const absent = Object.keys(members).filter((known) => entries[known] === undefined);
  for (const name of namesOf(entries)) {
    if (Object.hasOwn(members, name)) continue;
    const meant = nearestName(name, absent, (letters) => Math.floor(letters / 4));
    if (meant !== undefined && couldBe(entries[name], members[meant]))
      return `has ${within}${name}, which nothing reads; ${within}${meant} may be meant`;
  }
  return undefined;
}

/** Names of an object's members, those of its classes included. */
function namesOf(value: object): readonly string[] {
  const above = Object.getPrototypeOf(value) as object | null;
  const inherited = above === null || above === Object.prototype ? [] : namesOf(above);
  return [...Object.getOwnPropertyNames(value), ...inherited];
}

/** Whether a value fits a member; an object also has one of the members that it then should have. */
function couldBe(value: unknown, member: Member | undefined): boolean {
  if (member?.fits(value) !== true) return false;
  return member.members === undefined || Object.keys(member.members).some((name) => name in (value as object));
}

/** A value that is not what it should be, in few words. */
export function describe(value: unknown): string {
  if (value === undefined || value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return `the number ${value}`;
  if (typeof value === 'string')
    return `the text ${JSON.stringify(value.length > 30 ? `${value.slice(0, 30)}…` : value)}`;
  if (Array.isArray(value)) return 'a list';
  if (value instanceof Promise) return 'a promise';
  return typeof value === 'function' ? 'a function' : 'an object';
}
