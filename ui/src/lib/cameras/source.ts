import type { CameraSource } from '$lib/bindings/CameraSource';

/** What a network camera’s address can give. */
export type NetworkKind = 'mjpeg' | 'snapshot' | 'rtsp';

/** A stream, or one picture at a time? Guessed from how such addresses usually look. */
export function guessKind(url: string): NetworkKind {
  if (/^\s*rtsp:/i.test(url)) return 'rtsp';
  return /stream|mjpe?g|video/i.test(url) && !/snapshot|\.jpe?g(\?|$)/i.test(url) ? 'mjpeg' : 'snapshot';
}

/** Returns what is wrong with an address, or nothing. */
export function urlFault(url: string): string {
  if (!url.trim()) return 'Type the address of the camera, such as http://192.168.1.20/snapshot.jpg';
  try {
    const { protocol } = new URL(url.trim());
    if (protocol === 'rtsps:')
      return 'RTSP with encryption (rtsps://) does not work here: use the rtsp:// address.';
    if (['http:', 'https:', 'rtsp:'].includes(protocol)) return '';
    return 'The address must begin with http://, https:// or rtsp://';
  } catch {
    return 'Not a valid address. It begins with http://, https:// or rtsp://';
  }
}

/** Puts a name and a password into an address, where the core takes them out again. */
export function withLogin(url: string, name: string, password: string): string {
  if (!name) return url;
  // In an address these five would end the name or the password.
  const [, scheme = '', rest = ''] = /^([a-z]+:\/\/)(.*)$/is.exec(url) ?? [];
  const end = rest.search(/[/?#]/);
  const host = end < 0 ? rest : rest.slice(0, end);
  const bare = host.slice(host.lastIndexOf('@') + 1);
  const login = [name, password].map(encodeURIComponent).join(':');
  return `${scheme}${login}@${bare}${end < 0 ? '' : rest.slice(end)}`;
}

/** The source at an address. A certificate that was accepted holds for the same host only. */
export function networkSource(kind: NetworkKind, url: string, before?: CameraSource): CameraSource {
  if (kind === 'rtsp') return { kind, url };
  const known = before && 'certificate' in before && before.certificate;
  return known && host(before.url) === host(url) ? { kind, url, certificate: known } : { kind, url };
}

function host(url: string): string {
  try {
    return new URL(url).host;
  } catch {
    return '';
  }
}

/** Returns the address of a network camera. */
export function addressOf(source: CameraSource): string | null {
  return 'url' in source ? source.url : null;
}

/** What a camera is, in a few words. */
export function sourceWords(source: CameraSource): string {
  switch (source.kind) {
    case 'device':
      return source.device;
    case 'snapshot':
    case 'mjpeg':
    case 'rtsp':
      return source.url;
    case 'agent':
      return source.url ? `${source.url} at its host` : 'Sent by OctoPrint or Klipper';
    case 'demo':
      return 'Shows a demo printer';
  }
}
