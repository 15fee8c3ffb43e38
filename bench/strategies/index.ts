/** What strategies cost beside their clients' training. */
import { measureServerStep } from './server-step.js';

export const strategies = { 'server-step': measureServerStep };
