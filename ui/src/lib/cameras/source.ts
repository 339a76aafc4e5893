import type { CameraSource } from '$lib/bindings/CameraSource';

/** A stream, or one picture at a time? Guessed from how such addresses usually look. */
export function guessKind(url: string): 'mjpeg' | 'snapshot' {
  return /stream|mjpe?g|video/i.test(url) && !/snapshot|\.jpe?g(\?|$)/i.test(url) ? 'mjpeg' : 'snapshot';
}

/** Returns what is wrong with an address, or nothing. */
export function urlFault(url: string): string {
  if (!url.trim()) return 'Type the address of the camera, such as http://192.168.1.20/snapshot.jpg';
  try {
    const parsed = new URL(url.trim());
    return parsed.protocol === 'http:' ? '' : 'The address must begin with http://';
  } catch {
    return 'Not a valid address. It begins with http://';
  }
}

/** What a camera is, in a few words. */
export function sourceWords(source: CameraSource): string {
  switch (source.kind) {
    case 'device':
      return source.device;
    case 'snapshot':
    case 'mjpeg':
      return source.url;
    case 'agent':
      return 'Sent by OctoPrint or Klipper';
    case 'demo':
      return 'Shows a demo printer';
  }
}
