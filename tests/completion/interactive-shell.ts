import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** A shell at a terminal, typed into as by hand. */
export interface InteractiveShell {
  /** Types `text`, and resolves once the terminal shows `expected`, which it did not before; spaces do not count. */
  readonly type: (text: string, expected: string) => Promise<void>;
  /** Ends the shell. */
  readonly close: () => Promise<void>;
  /** Takes the terminal away from it. */
  readonly kill: () => void;
}

/** Milliseconds after which the terminal will not show it any more. */
const PATIENCE = 20_000;

/** Starts `command`, an interactive shell. `script` of util-linux lends the pseudo-terminal. */
export function openShell(command: string, cwd: string, env: NodeJS.ProcessEnv): InteractiveShell {
  const terminal = { ...env, TERM: 'dumb' };
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    cwd,
    env: terminal,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  let shown = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (shown += text));
  const ended = once(child, 'close');
  const shows = (text: string) => withoutLayout(shown).includes(withoutLayout(text));

  return {
    async type(text, expected) {
      child.stdin.write(text);
      for (const start = performance.now(); !shows(expected); ) {
        if (performance.now() - start > PATIENCE) throw new Error(`The terminal never showed ${expected}: ${shown}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    async close() {
      child.kill();
      await ended;
    },
    kill: () => void child.kill('SIGKILL'),
  };
}

/** Without spaces, what moves the cursor, and what goes back over a space. */
function withoutLayout(text: string): string {
  return text.replaceAll(/\u001b\[[0-9;?]*[A-Za-z]|[\s\b]/g, '');
}
