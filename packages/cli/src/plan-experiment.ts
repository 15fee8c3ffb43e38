import type { SpecCommand } from './spec-command.js';
import { writeJson, writeLine } from './terminal.js';
import { renderExplanation } from './views/explanation.js';
import { paintFor } from './views/paint.js';
import { renderPlan } from './views/plan.js';
import { renderWarning } from './views/progress-lines.js';

/** Shows what a run would do, with an estimate of what it takes where one is asked for. */
export async function planExperiment({
  host,
  request,
  mode,
  terminal: { stdout, stderr },
  estimate,
}: SpecCommand<'plan'> & { readonly estimate: boolean }): Promise<void> {
  const plan = await host.plan(request, { estimate });
  if (mode === 'json') writeJson(stdout, plan);
  else writeLine(stdout, await renderPlan(plan, { paint: paintFor(stdout), columns: stdout.columns }));
  for (const message of plan.warnings) writeLine(stderr, renderWarning({ message }, paintFor(stderr)));
}

/** Shows where each value of the resolved spec comes from. The JSON document is `{ spec, values }`. */
export async function explainExperiment({ host, request, mode, terminal }: SpecCommand<'explain'>): Promise<void> {
  const explanation = await host.explain(request);
  if (mode === 'json') writeJson(terminal.stdout, explanation);
  else writeLine(terminal.stdout, await renderExplanation(explanation, paintFor(terminal.stdout)));
}
