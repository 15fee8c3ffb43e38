import { PbfWriter } from 'pbf';

/** Fields of Protocol Buffers by their numbers. */
export interface Wire {
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
  const writer = new PbfWriter();
  return {
    int: (field, value) => {
      writer.writeVarintField(field, value);
    },
    float: (field, value) => {
      writer.writeFloatField(field, value);
    },
    // pbf 5.1 writes wrong bytes for characters past U+1FFFF.
    text: (field, value) => {
      writer.writeBytesField(field, Buffer.from(value));
    },
    bytes: (field, value) => {
      writer.writeBytesField(field, value);
    },
    message(field, write) {
      writer.writeMessage(field, write, undefined);
    },
    finish: () => writer.finish() as Uint8Array<ArrayBuffer>,
  };
}
