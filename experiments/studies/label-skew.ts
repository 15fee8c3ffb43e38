/**
 * Federations whose clients lack labels: tuned, tested, and drawn for docs/studies/label-skew.md.
 *
 *     npx jiti experiments/studies/label-skew.ts run short              # by estimate half an hour on two idle cores
 *     npx jiti experiments/studies/label-skew.ts run full executor.workers=1
 *     npx jiti experiments/studies/label-skew.ts report                 # the page's tables and figures, from the results
 *
 * `fedx` must be built (`npm run build`). What is measured goes to results/label-skew.jsonl part by part, and a study that
 * was cut short goes on from there. Further arguments go to every `fedx run`.
 */
import { FedxError } from '@fedx/core';
import { forms } from './label-skew/design.js';
import { openStore } from './label-skew/records.js';
import { writeReport } from './label-skew/report.js';
import { runStudy } from './label-skew/study.js';

const [command, form, ...also] = process.argv.slice(2);
if (command === 'run' && (form === 'short' || form === 'full'))
  await runStudy(forms[form], {
    store: await openStore(),
    also,
    log: (line) => console.log(`${new Date().toISOString().slice(11, 19)}  ${line}`),
  });
else if (command === 'report') await writeReport();
else throw new FedxError('FEDX_USAGE', 'Say run short, run full or report.');
