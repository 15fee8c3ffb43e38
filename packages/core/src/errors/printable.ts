/**
 * Control characters but tab and newline, and the invisible ones that turn or hide what stands around them: bidirectional
 * controls, zero-width characters, line and paragraph separators.
 */
const steering = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** `text` with what could steer a terminal, or read otherwise than it looks, replaced by `\uFFFD`. */
export function printable(text: string): string {
  return text.replace(steering, '\uFFFD');
}
