const alternatives: readonly (readonly [string, string])[] = [
  [
    'Conv3D Conv3DBackpropFilterV2 Conv3DBackpropInputV2',
    'fold one axis into the batch or the channels and use tf.conv2d',
  ],
  [
    'AvgPool3D AvgPool3DGrad MaxPool3D MaxPool3DGrad',
    'fold one axis into the batch and use tf.avgPool or tf.maxPool, or reduce over the axes by tf.mean or tf.max',
  ],
  ['MaxPoolWithArgmax', 'use tf.maxPool'],
  ['Dilation2D Dilation2DBackpropFilter Dilation2DBackpropInput', 'use tf.maxPool, or tf.conv2d with dilations'],
  [
    'GatherNd ScatterNd TensorScatterUpdate SparseToDense',
    'use tf.gather on the flattened tensor, or multiply by tf.oneHot of the indices and sum',
  ],
  ['SparseSegmentMean SparseSegmentSum SparseReshape SparseFillEmptyRows', 'use tf.gather and tf.unsortedSegmentSum'],
  ['RaggedGather RaggedRange RaggedTensorToTensor', 'pad sequences to one length and mask what was added'],
  [
    'TopK Unique SearchSorted',
    'use tf.max, tf.argMax or comparisons with tf.sum: the shape of a result may not depend on values',
  ],
  ['Bincount DenseBincount', 'use tf.sum(tf.oneHot(x, size), 0)'],
  ['Atan2', 'use tf.atan(tf.div(a, b)) and tf.where for the quadrant'],
  ['Diag', 'multiply by tf.eye'],
  ['DepthToSpace', 'use tf.reshape, tf.transpose and tf.reshape'],
  [
    'Multinomial',
    "draw in the strategy or the dataset, from the generator that it is given; in a model use fedx's dropout",
  ],
  ['NonMaxSuppressionV3 NonMaxSuppressionV4 NonMaxSuppressionV5', 'select boxes outside of the training step'],
  [
    'CropAndResize FlipLeftRight RotateWithOffset Transform ResizeBilinear ResizeBilinearGrad ResizeNearestNeighbor ResizeNearestNeighborGrad Draw',
    'change images in the dataset; inside of a model use tf.slice, tf.reverse, tf.tile, tf.avgPool or tf.conv2dTranspose',
  ],
  ['Complex ComplexAbs Real Imag FFT IFFT', 'keep real and imaginary parts as two tensors'],
  ['Einsum', 'use tf.matMul, tf.transpose and tf.sum'],
  ['BitwiseAnd', 'use tf.mod and tf.floorDiv'],
  ['BroadcastArgs', 'shapes are known: compute them in JavaScript'],
  ['StaticRegexReplace StringNGrams StringSplit StringToHashBucketFast', 'turn text into numbers in the dataset'],
];

/** Kernels that are refused, with what to say instead; for the documentation. */
export const refusals: readonly { readonly kernels: readonly string[]; readonly instead: string }[] = alternatives.map(
  ([kernels, advice]) => ({ kernels: kernels.split(' '), instead: advice }),
);

const byKernel = new Map(refusals.flatMap(({ kernels, instead: advice }) => kernels.map((name) => [name, advice])));

/** What to use instead of a refused kernel. */
export function instead(kernelName: string): string {
  return byKernel.get(kernelName) ?? 'express it by operations that docs/ops.md lists';
}

/** What to use instead of an operation that is to be differentiated and has no gradient. */
export function insteadOfGradient(kernelName: string): string {
  if (kernelName === 'Cumprod') return 'where all values are positive, use tf.exp(tf.cumsum(tf.log(x), axis))';
  return byKernel.get(kernelName) ?? 'express it by operations of which docs/ops.md names a gradient';
}
