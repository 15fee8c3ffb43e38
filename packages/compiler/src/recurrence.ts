import type * as tf from '@tensorflow/tfjs';

/** One step: the next state `[batch, units]` from the state and the input `[batch, features]` of this step. */
export type RecurrentStep = (
  state: tf.Tensor,
  input: tf.Tensor,
  weights: Readonly<Record<string, tf.Tensor>>,
) => tf.Tensor;

export interface RecurrenceCall {
  /** Pure tfjs; treats the rows of a batch alike, for any number of rows. Reads its weights from its arguments. */
  readonly step: RecurrentStep;
  /** `[batch, units]`. */
  readonly initial: tf.Tensor;
  /** `[length, batch, features]`. */
  readonly inputs: tf.Tensor;
  readonly weights: Readonly<Record<string, tf.Tensor>>;
}

/** All states of a recurrence, `[length, batch, units]`. Differentiable in initial state, inputs and weights. */
export type Recurrence = (call: RecurrenceCall) => tf.Tensor;

/** Runs `step` along the first axis of `cuts`; answers with all states in the order of the cuts. */
export type RunScan = (
  step: (state: tf.Tensor, cuts: readonly tf.Tensor[]) => tf.Tensor,
  initial: tf.Tensor,
  cuts: readonly tf.Tensor[],
  reverse: boolean,
) => tf.Tensor;

/**
 * A recurrence whose size does not grow with its length, forward or backward.
 *
 * With states h_t = f(h_{t-1}, x_t; w) and y = dL/dh as it comes from outside, the adjoints l_t = y_t + (df_{t+1}/dh)^T l_{t+1}
 * are a scan from the end. Everything else of the gradient is one call of f's own gradient on all steps as one batch.
 */
export function createRecurrence(tfjs: typeof tf, run: RunScan): Recurrence {
  return ({ step, initial, inputs, weights }) => {
    const names = Object.keys(weights);
    const named = (values: readonly tf.Tensor[]): Record<string, tf.Tensor> =>
      Object.fromEntries(values.map((value, i) => [names[i] ?? '', value]));
    const [length = 0, batch = 0, features = 0] = inputs.shape;
    const units = initial.shape[1] ?? 0;

    const differentiable = tfjs.customGrad((...args) => {
      const save = args.at(-1) as tf.GradSaveFunc;
      const [start, xs, ...values] = args.slice(0, -1) as [tf.Tensor, tf.Tensor, ...tf.Tensor[]];
      const states = run((state, [x]) => step(state, x as tf.Tensor, named(values)), start, [xs], false);
      save([states, start, xs, ...values]);
      return {
        value: states,
        gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => keepingTape(tfjs, () => gradientsOf(dy, saved)),
      };
    });

    /** Gradients of the initial state, the inputs and the weights. */
    function gradientsOf(dy: tf.Tensor, saved: readonly tf.Tensor[]): tf.Tensor[] {
      const [states, start, xs, ...values] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, ...tf.Tensor[]];
      const first = tfjs.expandDims(start, 0);
      const before = length === 1 ? first : tfjs.concat([first, tfjs.slice(states, 0, length - 1)], 0);
      const adjoints = adjointsOf(dy, states, xs, values);
      const flat = (x: tf.Tensor, width: number) => tfjs.reshape(x, [length * batch, width]);
      const gradient = tfjs.grads((state: tf.Tensor, x: tf.Tensor, ...w: tf.Tensor[]) => step(state, x, named(w)));
      const [dBefore, dInputs, ...dWeights] = gradient(
        [flat(before, units), flat(xs, features), ...values],
        flat(adjoints, units),
      ) as [tf.Tensor, tf.Tensor, ...tf.Tensor[]];
      return [tfjs.slice(dBefore, [0, 0], [batch, units]), tfjs.reshape(dInputs, inputs.shape), ...dWeights];
    }

    function adjointsOf(dy: tf.Tensor, states: tf.Tensor, xs: tf.Tensor, values: readonly tf.Tensor[]): tf.Tensor {
      if (length === 1) return dy;
      const last = tfjs.slice(dy, length - 1, 1);
      const pull = (adjoint: tf.Tensor, [y, state, x]: readonly tf.Tensor[]): tf.Tensor => {
        const back = tfjs.grad((h: tf.Tensor) => step(h, x as tf.Tensor, named(values)));
        return tfjs.add(y as tf.Tensor, back(state as tf.Tensor, adjoint));
      };
      const cuts = [tfjs.slice(dy, 0, length - 1), tfjs.slice(states, 0, length - 1), tfjs.slice(xs, 1, length - 1)];
      return tfjs.concat([run(pull, tfjs.squeeze(last, [0]), cuts, true), last], 0);
    }

    return differentiable(initial, inputs, ...names.map((name) => weights[name] as tf.Tensor));
  };
}

/** tfjs forgets the tape of a gradient where another gradient is taken in its backward pass. */
function keepingTape<Result>(tfjs: typeof tf, gradient: () => Result): Result {
  const { state } = tfjs.engine();
  const { activeTape } = state;
  try {
    return gradient();
  } finally {
    state.activeTape = activeTape;
  }
}

/** The scan as plain tfjs, step by step. */
export function eagerScan(tfjs: typeof tf): RunScan {
  return (step, initial, cuts, reverse) => {
    const length = cuts[0]?.shape[0] ?? 0;
    const states = new Array<tf.Tensor>(length);
    let state = initial;
    for (let i = 0; i < length; i++) {
      const at = reverse ? length - 1 - i : i;
      state = step(
        state,
        cuts.map((cut) => tfjs.squeeze(tfjs.slice(cut, at, 1), [0])),
      );
      states[at] = state;
    }
    return tfjs.stack(states);
  };
}
