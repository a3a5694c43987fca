/** Numbers as people read them. Locale-free, so that output is the same everywhere. */

/** `1234567` as `1,234,567`. */
export function formatCount(value: number): string {
  return String(Math.round(value)).replaceAll(/\B(?=(\d{3})+$)/g, ',');
}

/** Microseconds in the unit that leaves few digits: `12 us`, `1.5 ms`, `2.25 s`. */
export function formatUs(us: number): string {
  if (us < 1000) return `${trim(us, us < 10 ? 1 : 0)} us`;
  if (us < 1e6) return `${trim(us / 1e3, 2)} ms`;
  return `${trim(us / 1e6, 2)} s`;
}

/** Bytes in binary units. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${trim(bytes / 1024, 1)} KiB`;
  if (bytes < 1024 ** 3) return `${trim(bytes / 1024 ** 2, 1)} MiB`;
  return `${trim(bytes / 1024 ** 3, 1)} GiB`;
}

/** Seconds with two decimals, more when that would be zero. */
export function formatSeconds(seconds: number): string {
  return seconds >= 0.1 || seconds === 0 ? `${seconds.toFixed(2)} s` : formatUs(seconds * 1e6);
}

function trim(value: number, digits: number): string {
  return String(Number(value.toFixed(digits)));
}
