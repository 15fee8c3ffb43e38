/** Which known name a misspelt one was probably meant to be. */
export { nearestName, suggest } from './nearest-name.js';
