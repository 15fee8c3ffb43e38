import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/**
 * Fields of Protocol Buffers by their numbers: a model has tens of thousands of them, and a writer that looks each up in a
 * description takes a fifth of the time of compiling.
 */
export interface Wire {
  /** An integer, as its 64 bits. */
  int(field: number, value: number): void;
  float(field: number, value: number): void;
  text(field: number, value: string): void;
  bytes(field: number, value: Uint8Array): void;
  /** What `write` writes, as a message within the message. */
  message(field: number, write: () => void): void;
  /** All that was written. */
  finish(): Uint8Array<ArrayBuffer>;
}

export function createWire(): Wire {
  const writer = new BinaryWriter();
  return {
    int(field, value) {
      writer.tag(field, WireType.Varint);
      // The same bytes, without a big integer in between.
      if (value >= 0 && value < 2 ** 32) writer.uint32(value);
      else writer.int64(value);
    },
    float: (field, value) => {
      writer.tag(field, WireType.Bit32).float(value);
    },
    text: (field, value) => {
      writer.tag(field, WireType.LengthDelimited).string(value);
    },
    bytes: (field, value) => {
      writer.tag(field, WireType.LengthDelimited).bytes(value);
    },
    message(field, write) {
      writer.tag(field, WireType.LengthDelimited).fork();
      write();
      writer.join();
    },
    finish: () => writer.finish(),
  };
}
