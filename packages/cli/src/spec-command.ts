import type { Host, SpecRequest } from '@fedx/core/host';
import type { OutputMode, Terminal } from './terminal.js';

/** What a command that works on a spec is given: the part of the host that it uses, the spec, and where it writes. */
export interface SpecCommand<Used extends keyof Host> {
  readonly host: Pick<Host, Used>;
  readonly request: SpecRequest;
  readonly mode: OutputMode;
  readonly terminal: Terminal;
}
