import type { FeatureSkew, Partition } from '@fedx/core';

/** The partition with its examples changed by `skew`, after what the partition itself changes in them. */
export function skewFurther(partition: Partition, skew: FeatureSkew): Partition {
  const { features } = partition;
  if (features === undefined) return { ...partition, features: skew };
  return {
    ...partition,
    features: (change) => {
      features(change);
      skew(change);
    },
  };
}
