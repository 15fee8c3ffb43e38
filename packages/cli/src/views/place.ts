import type { ErrorPlace } from '@fedx/core';

/** E.g. `spec.yaml:3:5` or `plugin my-strategy, arm federated, round 3, client 7`; empty where nothing is known. */
export function renderErrorPlace(place: ErrorPlace): string {
  const position = renderPosition(place);
  const parts = (['plugin', 'arm', 'round', 'client', 'run'] as const)
    .filter((name) => place[name] !== undefined)
    .map((name) => `${name} ${place[name]}`);
  return [...(position === '' ? [] : [position]), ...parts].join(', ');
}

/** ` (mine.ts:3:5)`, to follow a message; empty where no file is known. */
export function renderFilePlace(place: ErrorPlace | undefined): string {
  return place?.file === undefined ? '' : ` (${renderPosition(place)})`;
}

function renderPosition({ file, line, column }: ErrorPlace): string {
  return [file, line, column].filter((part) => part !== undefined).join(':');
}
