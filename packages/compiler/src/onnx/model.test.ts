import { fromBinary, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeModel } from './model.js';
import { type Attribute, DataType, type OnnxGraph, type OnnxNode, type OnnxTensor, type OnnxValue } from './nodes.js';
import { type AttributeProto, type GraphProto, ModelProtoSchema, type NodeProto } from './proto/onnx_pb.js';

const text = fc.oneof(fc.string(), fc.string({ unit: 'binary', maxLength: 300 }));
const integer = fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -300, max: 300 }));
const size = fc.oneof(fc.nat(200), fc.maxSafeNat());
const plain: fc.Arbitrary<Attribute> = fc.oneof(
  integer,
  text,
  fc.array(integer, { maxLength: 5 }),
  fc.float({ noNaN: true }).map((float) => ({ float })),
);
const value: fc.Arbitrary<OnnxValue> = fc.record({
  name: text,
  elemType: fc.constantFrom(DataType.FLOAT, DataType.INT64),
  shape: fc.option(fc.array(fc.oneof(size, text), { maxLength: 4 }), { nil: undefined }),
});
const tensor: fc.Arbitrary<OnnxTensor> = fc.record({
  name: text,
  dataType: fc.constantFrom(DataType.FLOAT, DataType.UINT8),
  dims: fc.array(size, { maxLength: 4 }),
  content: fc.oneof(fc.uint8Array({ maxLength: 400 }), fc.record({ file: text, offset: size, length: size })),
});
const values = fc.array(value, { maxLength: 3 });
const graphOf = (attribute: fc.Arbitrary<Attribute>): fc.Arbitrary<OnnxGraph> => {
  const node: fc.Arbitrary<OnnxNode> = fc.record({
    opType: text,
    domain: text,
    inputs: fc.array(text, { maxLength: 3 }),
    outputs: fc.array(text, { maxLength: 3 }),
    attributes: fc.dictionary(text, attribute, { maxKeys: 3 }),
  });
  const initializers = fc.array(tensor, { maxLength: 3 });
  return fc.record({
    name: text,
    nodes: fc.array(node, { maxLength: 4 }),
    initializers,
    inputs: values,
    outputs: values,
  });
};
const graphs = graphOf(
  fc.oneof(
    plain,
    graphOf(plain).map((graph) => ({ graph })),
  ),
);

/** What the decoder of another project has read, in our words. */
function readAttribute({ type, i, s, f, g, ints }: AttributeProto): unknown {
  const read = { 1: { float: f }, 2: Number(i), 3: new TextDecoder().decode(s), 7: ints.map(Number) };
  return g === undefined ? read[type as keyof typeof read] : { graph: readGraph(g) };
}

const readNode = ({ opType, domain, input, output, attribute }: NodeProto) => ({
  opType,
  domain,
  inputs: input,
  outputs: output,
  attributes: Object.fromEntries(attribute.map((one) => [one.name, readAttribute(one)])),
});

function readGraph({ name, node, initializer, input, output }: GraphProto): object {
  const readValue = ({ name: ofValue, type }: GraphProto['input'][number]) => {
    const read = type?.value.case === 'tensorType' ? type.value.value : undefined;
    const axes = read?.shape?.dim.map((axis) =>
      axis.value.case === 'dimParam' ? axis.value.value : Number(axis.value.value),
    );
    return { name: ofValue, elemType: read?.elemType, shape: axes };
  };
  const readTensor = ({ externalData, rawData, dims, dataType, name: ofTensor }: GraphProto['initializer'][number]) => {
    const { location = '', offset, length } = Object.fromEntries(externalData.map((one) => [one.key, one.value]));
    const external = { file: location, offset: Number(offset), length: Number(length) };
    return {
      name: ofTensor,
      dataType,
      dims: dims.map(Number),
      content: externalData.length > 0 ? external : rawData,
    };
  };
  return {
    name,
    nodes: node.map(readNode),
    initializers: initializer.map(readTensor),
    inputs: input.map(readValue),
    outputs: output.map(readValue),
  };
}

describe('encodeModel', () => {
  it('writes what a decoder by the published description reads, and the bytes that its encoder would write', () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        const bytes = encodeModel(graph);
        const model = fromBinary(ModelProtoSchema, bytes);
        expect(model.graph && readGraph(model.graph)).toEqual(graph);
        expect(toBinary(ModelProtoSchema, model)).toEqual(bytes);
      }),
      { numRuns: 30 },
    );
  });
});
