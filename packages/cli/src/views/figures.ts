/** A metric's value: four decimals, or a dash where there is none. */
export function formatMetric(value: number | undefined): string {
  return value === undefined ? '–' : value.toFixed(4);
}

/** A share in percent with one decimal, e.g. `55.6 %`. */
export function formatShare(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** How long something took, e.g. `12.3 ms`, `4.56 s`, `2 min 05 s`, `3 h 07 min`. */
export function formatDuration(seconds: number): string {
  const milliseconds = seconds * 1000;
  if (milliseconds < 999.95) return `${milliseconds.toFixed(1)} ms`;
  if (seconds < 59.995) return `${seconds.toFixed(2)} s`;
  const minutes = Math.floor(Math.round(seconds) / 60);
  if (minutes < 60) return `${minutes} min ${pad(Math.round(seconds) % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} min`;
}

/** How long something will take, to the second: `8 s`, `2 min 05 s`. */
export function formatEstimate(seconds: number): string {
  const whole = Math.ceil(seconds);
  return whole < 60 ? `${whole} s` : formatDuration(whole);
}

/** A whole number with thousands apart, e.g. `199,210`. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

/** A size with a binary unit, e.g. `532 B`, `1.4 KiB`, `54.0 MiB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const power = Math.min(Math.floor(Math.log2(bytes) / 10), 4);
  return `${(bytes / 1024 ** power).toFixed(1)} ${['B', 'KiB', 'MiB', 'GiB', 'TiB'][power] ?? ''}`;
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}
