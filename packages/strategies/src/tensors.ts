import type { Tensor, TensorMap } from '@fedx/core';

/** `f` of the tensors that all maps have under a name, for each name of the first. */
export function mapNamed<Others extends readonly TensorMap[]>(
  first: TensorMap,
  f: (tensor: Tensor, ...others: { [Index in keyof Others]: Tensor }) => Tensor,
  ...others: Others
): TensorMap {
  return Object.fromEntries(
    Object.entries(first).map(([name, tensor]) => [
      name,
      f(tensor, ...(others.map((map) => map[name]) as { [Index in keyof Others]: Tensor })),
    ]),
  );
}
