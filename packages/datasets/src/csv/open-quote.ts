import { createReadStream } from 'node:fs';
import type { TextEncoding } from './survey.js';

/** The line, from 1, on which the last quote opens, in a file that does not close it. */
export async function lineOfOpenQuote(path: string, encoding: TextEncoding, signal: AbortSignal): Promise<number> {
  let line = 1;
  let opened = 1;
  let isOpen = false;
  let before = '';
  for await (const text of createReadStream(path, { encoding, signal }) as AsyncIterable<string>) {
    for (let at = 0; at < text.length; at++) {
      const character = text.charAt(at);
      if (character === '"') {
        // Of two in a row within quotes, the second opens nothing: they stand for one in the value.
        if (!isOpen && before !== '"') opened = line;
        isOpen = !isOpen;
      } else if (character === '\r' || (character === '\n' && before !== '\r')) {
        line += 1;
      }
      before = character;
    }
  }
  return opened;
}
