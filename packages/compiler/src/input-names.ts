/** Names of the body's inputs. */
export const inputNames = {
  rows: 'rows',
  weights: 'weights',
  step: 'step-number',
  /** Two a draw: where its windows of the two tables start. */
  key: (index: number) => `key/${index}`,
  keyIndex: (name: string) => (name.startsWith('key/') ? Number(name.slice('key/'.length)) : undefined),
  table: (name: string) => `table/${name}`,
  carried: (name: string) => `carried/${name}`,
  constant: (name: string) => `constant/${name}`,
  perStep: (name: string) => `per-step/${name}`,
  /** Of a carried matrix that gets its updates after the loop: what a step needs of it, and what it gives for it. */
  deferred: (name: string) => `deferred/${name}`,
  /** What was computed before the loop for every step. */
  ahead: (index: number) => `ahead/${index}`,
} as const;
