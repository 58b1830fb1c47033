// Numbers and times as people read them.
import type { WorkState } from './api';

export const percent = (share: number, digits = 1): string => `${(100 * share).toFixed(digits)} %`;

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`;

// .NET's TimeSpan: "00:01:10.5".
export function secondsOf(span: string | null | undefined): number | null {
  const parts = span?.match(/^(?:(\d+)\.)?(\d+):(\d+):(\d+(?:\.\d+)?)$/);
  return parts
    ? Number(parts[1] ?? 0) * 86400 + Number(parts[2]) * 3600 + Number(parts[3]) * 60 + Number(parts[4])
    : null;
}

export function duration(seconds: number): string {
  if (seconds < 60) {
    return `${Math.max(1, Math.round(seconds))} s`;
  }
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function workText(title: string, { progress }: WorkState): string {
  const left = secondsOf(progress?.left);
  return progress
    ? `${title}: ${progress.done.toLocaleString('en')} of ${plural(progress.total, 'image')}` +
        (left ? `, about ${duration(left)} left` : '')
    : `${title} …`;
}
