/**
 * Messages of Protocol Buffers as they are written by hand: a model has tens of thousands of fields, for which a writer that
 * looks each of them up in a description takes a fifth of the time of compiling.
 * https://protobuf.dev/programming-guides/encoding
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

const VARINT = 0;
const LENGTH_DELIMITED = 2;
const FIXED_32 = 5;
/** Bytes of the longest integer. */
const LONGEST = 10;

const encoder = new TextEncoder();

export function createWire(): Wire {
  let buffer = new Uint8Array(2 ** 16);
  let length = 0;

  function reserve(count: number): void {
    if (length + count <= buffer.length) return;
    const larger = new Uint8Array(Math.max(2 * buffer.length, length + count));
    larger.set(buffer.subarray(0, length));
    buffer = larger;
  }

  /** Seven bits a byte, the lowest first. */
  function varint(value: number): void {
    reserve(LONGEST);
    let rest = value;
    while (rest > 0x7f) {
      buffer[length++] = (rest % 0x80) + 0x80;
      rest = Math.floor(rest / 0x80);
    }
    buffer[length++] = rest;
  }

  function tag(field: number, type: number): void {
    varint(field * 8 + type);
  }

  /** Leaves the byte in which most lengths fit; answers with where what has that length starts. */
  function open(): number {
    reserve(1);
    return ++length;
  }

  /** Puts the length of what was written since `start` before it. */
  function close(start: number): void {
    const size = length - start;
    if (size <= 0x7f) {
      buffer[start - 1] = size;
      return;
    }
    const more = Math.floor(Math.log2(size) / 7);
    reserve(more);
    buffer.copyWithin(start + more, start, length);
    length = start - 1;
    varint(size);
    length += size;
  }

  function writeText(value: string): void {
    // At most three bytes of UTF-8 an element.
    reserve(3 * value.length);
    const start = length;
    for (let i = 0; i < value.length; i++) {
      const code = value.charCodeAt(i);
      if (code > 0x7f) {
        length = start + encoder.encodeInto(value, buffer.subarray(start)).written;
        return;
      }
      buffer[length++] = code;
    }
  }

  return {
    int(field, value) {
      tag(field, VARINT);
      if (value >= 0) {
        varint(value);
        return;
      }
      // Two's complement: seven bits each of the nine lower bytes, and the sign.
      reserve(LONGEST);
      for (let bits = BigInt.asUintN(64, BigInt(value)); bits > 0n; bits >>= 7n)
        buffer[length++] = Number(bits & 0x7fn) + (bits > 0x7fn ? 0x80 : 0);
    },
    float(field, value) {
      tag(field, FIXED_32);
      reserve(4);
      new DataView(buffer.buffer).setFloat32(length, value, true);
      length += 4;
    },
    text(field, value) {
      tag(field, LENGTH_DELIMITED);
      const start = open();
      writeText(value);
      close(start);
    },
    bytes(field, value) {
      tag(field, LENGTH_DELIMITED);
      varint(value.length);
      reserve(value.length);
      buffer.set(value, length);
      length += value.length;
    },
    message(field, write) {
      tag(field, LENGTH_DELIMITED);
      const start = open();
      write();
      close(start);
    },
    finish: () => buffer.slice(0, length),
  };
}
