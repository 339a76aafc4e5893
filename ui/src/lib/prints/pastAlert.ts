import type { ReviewItem } from '$lib/api/review';
import type { AlertView } from '$lib/bindings/AlertView';

/** A past sighting in the form of an open alert, for what shows such. */
export function pastAlert(
  item: Pick<ReviewItem, 'image_url' | 'boxes' | 'frame' | 'at' | 'size'>,
): AlertView {
  const [width, height] = item.size ?? [1280, 720];
  const box = [...item.boxes].sort((a, b) => b.confidence - a.confidence)[0]?.area;
  const place = box && {
    x: box.x / width,
    y: box.y / height,
    w: box.w / width,
    h: box.h / height,
  };
  return {
    at: item.at,
    paused: false,
    frame: item.frame ?? 0,
    img_url: item.image_url ?? '',
    boxes: item.boxes,
    frame_size: [width, height],
    layer: null,
    text: '',
    curve: [],
    before: [],
    reasons: null,
    why: [],
    place: place ?? null,
  };
}
