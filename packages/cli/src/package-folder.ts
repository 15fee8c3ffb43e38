import { fileURLToPath } from 'node:url';

/** The folder of this package: one up from src, and from dist, where all code lies side by side. */
export const packageFolder = fileURLToPath(new URL('..', import.meta.url));
