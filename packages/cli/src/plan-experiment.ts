import type { Host, SpecRequest } from '@fedx/core/host';
import { type OutputMode, type Terminal, writeJson, writeLine } from './terminal.js';
import { renderExplanation } from './views/explanation.js';
import { paintFor } from './views/paint.js';
import { renderPlan } from './views/plan.js';

export interface PlanCommand {
  readonly host: Pick<Host, 'plan' | 'explain'>;
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

/** Shows where each value of the resolved spec comes from. The JSON document is `{ spec, values }`. */
export async function explainExperiment({ host, request, mode, terminal }: PlanCommand): Promise<void> {
  const explanation = await host.explain(request);
  if (mode === 'json') writeJson(terminal.stdout, explanation);
  else writeLine(terminal.stdout, await renderExplanation(explanation, paintFor(terminal.stdout)));
}
