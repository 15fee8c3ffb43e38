import type { Host } from '@fedx/core/host';
import { type OutputMode, type Terminal, writeJson, writeLine } from './terminal.js';

export interface ExportCommand {
  readonly host: Pick<Host, 'export'>;
  readonly request: Parameters<Host['export']>[0];
  readonly mode: OutputMode;
  readonly terminal: Terminal;
}

/** Writes the model and says where it lies. The JSON document is `{ run, arm, format, files }`. */
export async function exportModel({ host, request, mode, terminal }: ExportCommand): Promise<void> {
  const written = await host.export(request);
  if (mode === 'json') writeJson(terminal.stdout, written);
  else for (const file of written.files) writeLine(terminal.stdout, file);
}
