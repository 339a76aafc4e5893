import type { DeviceControl } from '$lib/bindings/DeviceControl';
import type { DeviceFormat } from '$lib/bindings/DeviceFormat';
import type { PictureCoding } from '$lib/bindings/PictureCoding';

export const CODINGS: Record<PictureCoding, string> = {
  mjpeg: 'JPEG (least work)',
  nv12: 'Uncompressed, NV12',
  yuyv: 'Uncompressed, YUYV',
};

/** Sizes on offer, each once, in the order that they came in: larger ones first. */
export function sizes(formats: readonly DeviceFormat[]): string[] {
  return [...new Set(formats.map((f) => `${f.width} x ${f.height}`))];
}

/** Rates on offer at a size, higher ones first. */
export function rates(formats: readonly DeviceFormat[], size: string): number[] {
  const fit = formats.filter((f) => `${f.width} x ${f.height}` === size).map((f) => f.fps);
  return [...new Set(fit)].sort((a, b) => b - a);
}

/** The format for a size, at the rate nearest to the one that was wanted; null leaves it to the app. */
export function formatFor(
  formats: readonly DeviceFormat[],
  size: string,
  fps: number,
): [number, number, number] | null {
  const [width, height] = size.split(' x ').map(Number);
  const near = rates(formats, size).sort((a, b) => Math.abs(a - fps) - Math.abs(b - fps))[0];
  return width && height && near !== undefined ? [width, height, near] : null;
}

/** What a control looks like: a list, a switch or a slider. */
export function controlKind(control: DeviceControl): 'list' | 'switch' | 'slider' {
  if (control.choices.length) return 'list';
  return control.min === 0 && control.max === 1 ? 'switch' : 'slider';
}
