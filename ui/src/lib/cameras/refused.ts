import { ApiError, say } from '$lib/api/errors';
import type { CameraSource } from '$lib/bindings/CameraSource';

/** A camera that gave no picture: why, and what a person may do about it at once. */
export interface RefusedCamera {
  words: string;
  /** The same camera with the certificate that it showed, where that is what is missing. */
  accept: {
    source: CameraSource;
    fingerprint: string;
    /** One was accepted before, and this is not it. */
    another: boolean;
  } | null;
}

/** Reads what was thrown when a camera was tried. */
export function refusedCamera(error: unknown, source: CameraSource): RefusedCamera {
  const certificate = error instanceof ApiError ? error.certificate : '';
  if (!certificate || (source.kind !== 'snapshot' && source.kind !== 'mjpeg'))
    return { words: say(error), accept: null };
  return {
    words: say(error),
    accept: {
      source: { ...source, certificate },
      fingerprint: certificate,
      another: source.certificate !== undefined,
    },
  };
}
