import type { Host, SpecRequest } from '@fedx/core/host';
import { type OutputMode, type Terminal, writeJson, writeLine } from './terminal.js';
import { paintFor } from './views/paint.js';
import { renderPlan } from './views/plan.js';

export interface PlanCommand {
  readonly host: Pick<Host, 'plan'>;
  readonly request: SpecRequest;
  readonly mode: OutputMode;
  readonly terminal: Terminal;
}

/** Shows what a run would do. */
export async function planExperiment({ host, request, mode, terminal }: PlanCommand): Promise<void> {
  const plan = await host.plan(request);
  if (mode === 'json') writeJson(terminal.stdout, plan);
  else writeLine(terminal.stdout, await renderPlan(plan, paintFor(terminal.stdout)));
}
