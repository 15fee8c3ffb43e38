import { fromBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema, type ValueInfoProto } from './proto/onnx_pb.js';

/** What an ONNX model takes and gives. */
export interface OnnxSignature {
  readonly inputs: readonly OnnxTensor[];
  readonly outputs: readonly OnnxTensor[];
}

export interface OnnxTensor {
  readonly name: string;
  /** A size that is free, such as the batch, is -1. */
  readonly shape: readonly number[];
}

/** Reads the signature of a model file. Throws what the decoder throws for bytes that are none. */
export function readOnnxSignature(model: Uint8Array): OnnxSignature {
  const { graph } = fromBinary(ModelProtoSchema, model);
  return { inputs: (graph?.input ?? []).map(toTensor), outputs: (graph?.output ?? []).map(toTensor) };
}

function toTensor({ name, type }: ValueInfoProto): OnnxTensor {
  const dimensions = type?.value.case === 'tensorType' ? (type.value.value.shape?.dim ?? []) : [];
  return { name, shape: dimensions.map(({ value }) => (value.case === 'dimValue' ? Number(value.value) : -1)) };
}
