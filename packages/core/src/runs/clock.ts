/** Milliseconds since the epoch. A service, so that tests choose the time. */
export type Clock = () => number;

export const systemClock: Clock = () => Date.now();
