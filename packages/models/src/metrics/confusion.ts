import type { FinishCall, MeasureCall, Tensor } from '@fedx/core';

/** Measures the true class and the predicted one of each example: the highest logit's, the first of equal ones. */
export function measureClasses({ tf, logits, labels }: MeasureCall): {
  readonly label: Tensor;
  readonly predicted: Tensor;
} {
  return { label: labels, predicted: tf.argMax(logits, -1) };
}

/** How examples of one class were predicted. */
export interface ClassCounts {
  /** Examples of the class. */
  readonly examples: number;
  /** Examples predicted as the class. */
  readonly predicted: number;
  /** Examples of the class that were predicted as the class. */
  readonly right: number;
}

/** The counts of each class, `[classes]`. */
export function countClasses({ classes, values }: FinishCall<'label' | 'predicted'>): readonly ClassCounts[] {
  const labels = values('label');
  const predictions = values('predicted');
  const counts = Array.from({ length: classes }, () => ({ examples: 0, predicted: 0, right: 0 }));
  for (let i = 0; i < labels.length; i++) {
    const [of, as] = [counts[labels[i] ?? -1], counts[predictions[i] ?? -1]];
    if (of !== undefined) of.examples += 1;
    if (as !== undefined) as.predicted += 1;
    if (of !== undefined && of === as) of.right += 1;
  }
  return counts;
}

/** The mean of some numbers; undefined where there are none. */
export function mean(numbers: readonly number[]): number | undefined {
  return numbers.length === 0 ? undefined : numbers.reduce((total, value) => total + value, 0) / numbers.length;
}
