import type { EvidenceClip } from '$lib/api/evidence';

/** A name for a saved clip that every system takes. */
export const clipName = (print: number, frame: number): string => `print-${print}-alert-${frame}.mp4`;

/** "1 min 30 s · 4.2 MB". */
export function clipWords(clip: Pick<EvidenceClip, 'seconds' | 'num_bytes'>): string {
  const seconds = Math.max(1, Math.round(clip.seconds));
  const minutes = Math.floor(seconds / 60);
  const length = minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
  const size =
    clip.num_bytes >= 1e6
      ? `${(clip.num_bytes / 1e6).toFixed(1)} MB`
      : `${Math.ceil(clip.num_bytes / 1e3)} kB`;
  return `${length} · ${size}`;
}
