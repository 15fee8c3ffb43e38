import type { Parameters, ParameterTensor } from '../contracts/index.js';

/** Memory that workers see as well. `Piece` is where some values lie in it, `Shared` how a message names a tensor there. */
export interface SharedMemory<Piece, Shared> {
  /** Of fewer values than this a copy a message is cheaper. */
  readonly smallest: number;
  /** Writes values to a piece of their length, or to a new one. Undefined: there was no room, and the piece is lost. */
  put(values: Float32Array, piece: Piece | undefined): Piece | undefined;
  tensor(shape: readonly number[], piece: Piece): Shared;
}

/** A piece that holds a tensor, and how many jobs look at it. */
interface Entry<Piece> {
  readonly source: ParameterTensor;
  readonly piece: Piece;
  users: number;
}

/** Parameters in shared memory, for as long as they are not given back; what is small, or had no room there, is as it was. */
export interface Lent<Shared> {
  readonly parameters: Readonly<Record<string, ParameterTensor | Shared>>;
  /** Said once. */
  readonly giveBack: () => void;
}

/**
 * Puts tensors into shared memory, each tensor once: the global parameters of a round go to all its clients, and would
 * otherwise be copied for each of them by the thread that everyone waits for. Memory that no job looks at any more serves
 * for other tensors of its size: what is shared is not on any thread's heap, so that none would collect it in time.
 */
export function createTensorSharing<Piece extends { readonly length: number }, Shared>({
  smallest,
  put,
  tensor: tensorAt,
}: SharedMemory<Piece, Shared>): (parameters: Parameters) => Lent<Shared> {
  const held = new Map<ParameterTensor, Entry<Piece>>();
  const idle = new Map<number, Entry<Piece>[]>();

  function take(tensor: ParameterTensor): Entry<Piece> | undefined {
    const known = held.get(tensor);
    const { length } = tensor.data;
    if (known !== undefined) {
      if (known.users === 0) idle.set(length, idle.get(length)?.filter((entry) => entry !== known) ?? []);
      known.users += 1;
      return known;
    }
    const free = idle.get(length)?.shift();
    if (free !== undefined) held.delete(free.source);
    const piece = put(tensor.data, free?.piece);
    if (piece === undefined) return undefined;
    const entry = { source: tensor, piece, users: 1 };
    held.set(tensor, entry);
    return entry;
  }

  function giveBack(entry: Entry<Piece>): void {
    entry.users -= 1;
    const { length } = entry.piece;
    if (entry.users === 0) idle.set(length, [...(idle.get(length) ?? []), entry]);
  }

  /** What came last: the same record again is given as the same one, which a message holds once. */
  let last:
    | {
        readonly of: Parameters;
        readonly shared: Lent<Shared>['parameters'];
        readonly taken: readonly (Entry<Piece> | undefined)[];
      }
    | undefined;

  return (parameters) => {
    const large = Object.entries(parameters).filter(([, { data }]) => data.length >= smallest);
    const taken = large.map(([, tensor]) => take(tensor));
    if (last?.of !== parameters || !taken.every((entry, i) => entry === last?.taken[i])) {
      const shared: Record<string, ParameterTensor | Shared> = { ...parameters };
      large.forEach(([name, { shape }], i) => {
        const entry = taken[i];
        if (entry !== undefined) shared[name] = tensorAt(shape, entry.piece);
      });
      last = { of: parameters, shared, taken };
    }
    return {
      parameters: last.shared,
      giveBack: () => {
        for (const entry of taken) if (entry !== undefined) giveBack(entry);
      },
    };
  };
}
