/** What it costs to keep a run, and to read it again. */
import { measureCheckpoints } from './checkpoints.js';
import { measureJournal } from './journal.js';

export const durability = { journal: measureJournal, checkpoints: measureCheckpoints };
