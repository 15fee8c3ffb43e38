import { createHost, type Host } from '@fedx/core/host';
import { loadBuiltIns } from './built-ins.js';
import { writeLine } from './terminal.js';

/**
 * The host of this command: the framework with the built-in plugins, working in the current directory. `env` has MLflow's
 * variables; default: the process's.
 */
export async function openHost(env: NodeJS.ProcessEnv = process.env): Promise<Host> {
  return createHost({
    plugins: await loadBuiltIns(),
    env,
    // On stderr, so that stdout stays the results.
    onNotice: (message) => {
      writeLine(process.stderr, message);
    },
  });
}
