import { styleText } from 'node:util';
import type { TextStream } from '../terminal.js';

/** Colours and weights that views use. */
export type TextStyle =
  | 'bold'
  | 'dim'
  | 'black'
  | Colour
  | `bg${Capitalize<Colour>}`
  | `bg${Capitalize<Colour>}Bright`
  | 'bgGray';

type Colour = 'red' | 'green' | 'yellow' | 'blue' | 'magenta' | 'cyan' | 'white';

/** Gives `text` a style, or leaves it plain. */
export type Paint = (style: TextStyle, text: string) => string;

/** Leaves text plain: for files, pipes and NO_COLOR. */
export const plain: Paint = (_style, text) => text;

/** Styles text with terminal escapes. */
export const coloured: Paint = (style, text) => styleText(style, text, { validateStream: false });

/** Colours only where the stream is a terminal that shows them and the user has not set NO_COLOR. */
export function paintFor(stream: TextStream): Paint {
  return stream.isTTY === true && stream.hasColors?.() === true ? coloured : plain;
}
