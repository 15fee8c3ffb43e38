import { fileURLToPath } from 'node:url';

/** The folder of the package that this runs in: one up from src, from dist, and from the command line's dist, which carries it. */
export const packageFolder = fileURLToPath(new URL('..', import.meta.url));
