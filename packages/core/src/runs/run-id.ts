import { randomBytes } from 'node:crypto';
import { FedxError } from '../errors/index.js';

/** Two of one name in one second meet with probability 2^-16: this many draws fail only where something else is wrong. */
const ATTEMPTS = 100;

/**
 * A new id such as `20261123-093201-noniid-mnist-3f9a` (UTC), which sorts by time. `claim` takes the name for itself and
 * throws EEXIST where another process has it. Throws FEDX_STORAGE_FAILED where no name is free in `place`.
 */
export function claimId(name: string, time: number, place: string, claim: (id: string) => void): string {
  const prefix = `${timestamp(time)}-${slug(name)}`;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const id = `${prefix}-${randomBytes(2).toString('hex')}`;
    try {
      claim(id);
      return id;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
  }
  throw new FedxError('FEDX_STORAGE_FAILED', `Cannot find a free name in ${place}.`, { place: { file: place } });
}

/** `20261123-093201`, UTC. */
function timestamp(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
}

/** Characters that a file name should not hold become dashes. */
function slug(name: string): string {
  const dashed = name.normalize('NFC').replaceAll(/[^\p{L}\p{M}\p{N}_]+/gu, '-');
  // 40 code points are at most 160 bytes, well below the 255 that file systems allow.
  return (
    Array.from(dashed)
      .slice(0, 40)
      .join('')
      .replaceAll(/^-+|-+$/g, '') || 'run'
  );
}

const pattern = /^(\d{4})(\d{2})(\d{2})-(\d{2})(\d{2})(\d{2})-(.+)-[0-9a-f]{4}$/;

/** Whether a name is one that {@link claimId} makes. */
export function isRunId(name: string): boolean {
  return pattern.test(name);
}

/** The experiment's name, as far as an id keeps it. */
export function nameInId(id: string): string {
  return pattern.exec(id)?.[7] ?? id;
}

/** When an id was made, to the second, in milliseconds since the epoch. */
export function timeInId(id: string): number {
  const [, year, month, day, hour, minute, second] = pattern.exec(id) ?? [];
  return Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
}
