import { create, toBinary } from '@bufbuild/protobuf';
import { type GraphProto, ModelProtoSchema } from './proto/onnx_pb.js';

const OPERATOR_SET = 17n;
const IR_VERSION = 9n;

/** A graph as the bytes of a model file. */
export function encodeModel(graph: GraphProto): Uint8Array<ArrayBuffer> {
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: IR_VERSION,
      producerName: 'fedx',
      graph,
      opsetImport: [
        { domain: '', version: OPERATOR_SET },
        { domain: 'com.microsoft', version: 1n },
      ],
    }),
  );
}
