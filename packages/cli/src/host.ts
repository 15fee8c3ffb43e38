import { createHost, type Host } from '@fedx/core/host';
import { loadBuiltIns } from './built-ins.js';
import { writeLine } from './terminal.js';

/** The host of this command: the framework with the built-in plugins, working in the current directory. */
export async function openHost(): Promise<Host> {
  return createHost({
    plugins: await loadBuiltIns(),
    // On stderr, so that stdout stays the results.
    onNotice: (message) => {
      writeLine(process.stderr, message);
    },
  });
}
