"""Makes one picture into many: other framing, other light, other cameras.

Two habits matter most. A small failure must look like a failure, so pictures are pasted small onto normal ones; and
because a pasted edge must never be the cue, normal pictures are pasted in the same way.
"""

import cv2
import numpy as np

from . import paste
from .pictures import load, stretch


MANNERS = ("plain", "camera", "camera", "small")
"""How the variants of a picture are made, one each: as it is; twice in other framing, light and camera; and with a small
failure in context (see `paste`)."""


def made_of(pictures, i, manner, size, rng):
    """Returns (pixels, boxes, other) of a random variant of picture `i`, `size` = (width, height) of the model.

    `other` is the position of a second picture that can be seen in it, or -1.
    """
    picture = pictures[i]
    if manner == "plain":
        return stretch(load(picture), *size), picture.boxes, -1
    if manner == "small":
        pixels, boxes, other = paste.small(pictures, i, size, rng)
        return _other_camera(pixels, rng), boxes, other
    pixels, boxes, other = load(picture), picture.boxes, -1
    if rng.random() < 0.5:
        pixels, boxes = _flip(pixels, boxes)
    draw = rng.random()
    if draw < 0.35:
        pixels, boxes = _crop(pixels, boxes, rng)
    elif draw < 0.8:
        other = paste.behind(pictures, rng)
        scales = (0.35, 0.85)
        if draw >= 0.55:
            pixels, boxes = _cut_out(pixels, boxes, rng)
            scales = (0.12, 0.5)
        pixels, boxes = _zoom_out(pixels, boxes, load(pictures[other]), size, scales, rng)
    return _other_camera(stretch(np.ascontiguousarray(pixels), *size), rng), boxes, other


def cell_targets(boxes, rows, columns):
    """Turns boxes into (target, weight) maps of the grid.

    A cell whose middle lies in a box is a failure; the ring of cells around boxes has no weight, and neither has any
    cell of a failed picture without boxes (`boxes` is None).
    """
    target = np.zeros((rows, columns), np.float32)
    weight = np.ones((rows, columns), np.float32)
    if boxes is None:
        return target, weight * 0
    ys = (np.arange(rows) + 0.5)[:, None] / rows
    xs = (np.arange(columns) + 0.5)[None, :] / columns
    if boxes:
        # Beside a marked tangle there is often more of it that nobody marked.
        weight *= 0.5
    for x0, y0, x1, y1 in boxes:
        ring = (xs > x0 - 1.5 / columns) & (xs < x1 + 1.5 / columns) & (ys > y0 - 1.5 / rows) & (ys < y1 + 1.5 / rows)
        weight[ring] = 0
    for x0, y0, x1, y1 in boxes:
        inside = (xs >= x0) & (xs <= x1) & (ys >= y0) & (ys <= y1)
        row, column = int(min(max((y0 + y1) / 2, 0), 0.999) * rows), int(min(max((x0 + x1) / 2, 0), 0.999) * columns)
        inside[row, column] = True
        target[inside], weight[inside] = 1, 1
    return target, weight


def _flip(pixels, boxes):
    return pixels[:, ::-1], _moved(boxes, lambda x0, y0, x1, y1: (1 - x1, y0, 1 - x0, y1))


def _crop(pixels, boxes, rng):
    """Cuts a window out; a failed picture keeps at least half of its boxes' area."""
    high, wide = pixels.shape[:2]
    for _ in range(8):
        w, h = rng.uniform(0.55, 1.0, 2)
        x, y = rng.uniform(0, 1 - w), rng.uniform(0, 1 - h)
        moved = _moved(boxes, lambda x0, y0, x1, y1: ((x0 - x) / w, (y0 - y) / h, (x1 - x) / w, (y1 - y) / h))
        kept = _area(moved) * w * h
        if boxes is None:
            # Nobody said where the failure is: cut only a little off.
            w, h = max(w, 0.85), max(h, 0.85)
            x, y = min(x, 1 - w), min(y, 1 - h)
        if boxes is None or not boxes or kept > 0.5 * _area(boxes):
            top, left = int(y * high), int(x * wide)
            return pixels[top : top + max(8, int(h * high)), left : left + max(8, int(w * wide))], moved
    return pixels, boxes


def _cut_out(pixels, boxes, rng):
    """Cuts out the failure with little around it, or as large a piece of a normal picture, to be pasted small."""
    if boxes is None:
        return pixels, boxes
    if boxes:
        x0, y0 = min(b[0] for b in boxes), min(b[1] for b in boxes)
        x1, y1 = max(b[2] for b in boxes), max(b[3] for b in boxes)
    else:
        w, h = rng.uniform(0.25, 0.9, 2)
        x0, y0 = rng.uniform(0, 1 - w), rng.uniform(0, 1 - h)
        x1, y1 = x0 + w, y0 + h
    spare = rng.uniform(0.05, 0.3, 4) * [x1 - x0, y1 - y0, x1 - x0, y1 - y0]
    x0, y0 = max(0.0, x0 - spare[0]), max(0.0, y0 - spare[1])
    x1, y1 = min(1.0, x1 + spare[2]), min(1.0, y1 + spare[3])
    high, wide = pixels.shape[:2]
    top, left = int(y0 * high), int(x0 * wide)
    piece = pixels[top : max(top + 8, int(y1 * high)), left : max(left + 8, int(x1 * wide))]
    w, h = x1 - x0, y1 - y0
    return piece, _moved(boxes, lambda a, b, c, d: ((a - x0) / w, (b - y0) / h, (c - x0) / w, (d - y0) / h))


def _zoom_out(pixels, boxes, background, size, scales, rng):
    """Pastes the picture small, at a random place, onto a normal one."""
    wide, high = size
    canvas = stretch(background, wide, high).copy()
    scale = rng.uniform(*scales)
    w, h = int(wide * scale * rng.uniform(0.8, 1.25)), int(high * scale * rng.uniform(0.8, 1.25))
    w, h = min(w, wide), min(h, high)
    x, y = int(rng.integers(0, wide - w + 1)), int(rng.integers(0, high - h + 1))
    small = stretch(np.ascontiguousarray(pixels), w, h).astype(np.float32)
    # A soft edge: a hard one would be an artefact that no camera shows.
    soft = max(3, int(min(w, h) * rng.uniform(0.02, 0.15)))
    across = np.minimum(np.arange(w) + 1, np.arange(w)[::-1] + 1) / soft
    down = np.minimum(np.arange(h) + 1, np.arange(h)[::-1] + 1) / soft
    mask = np.clip(np.minimum(down[:, None], across[None, :]), 0, 1)[..., None].astype(np.float32)
    under = canvas[y : y + h, x : x + w].astype(np.float32)
    canvas[y : y + h, x : x + w] = (mask * small + (1 - mask) * under).astype(np.uint8)
    fx, fy, fw, fh = x / wide, y / high, w / wide, h / high
    return canvas, _moved(boxes, lambda x0, y0, x1, y1: (fx + x0 * fw, fy + y0 * fh, fx + x1 * fw, fy + y1 * fh))


def _other_camera(pixels, rng):
    """Changes light and camera: colour, grey (infrared), blur, noise, JPEG, flat drawing-like areas."""
    image = pixels.astype(np.float32) / 255
    image = image ** rng.uniform(0.6, 1.6)
    image = (image - 0.5) * rng.uniform(0.6, 1.35) + 0.5 + rng.uniform(-0.15, 0.15)
    if rng.random() < 0.2:
        image = np.repeat(image.mean(2, keepdims=True), 3, 2)
        if rng.random() < 0.3:
            image = image * rng.uniform(0.7, 1.1, 3)
    elif rng.random() < 0.5:
        image = image * rng.uniform(0.8, 1.2, 3)
        grey = image.mean(2, keepdims=True)
        image = grey + (image - grey) * rng.uniform(0.4, 1.5)
    if rng.random() < 0.08:
        image = image[:, :, rng.permutation(3)]
    image = np.clip(image, 0, 1).astype(np.float32)
    if rng.random() < 0.25:
        image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.5, 2.2))
    if rng.random() < 0.1:
        # Flat colours and few shades, as in a very clean or drawn scene.
        image = cv2.bilateralFilter(image, 7, 0.15, 5)
        shades = rng.integers(8, 24)
        image = np.round(image * shades) / shades
    if rng.random() < 0.35:
        image = image + rng.normal(0, rng.uniform(0.01, 0.06), image.shape)
    out = (np.clip(image, 0, 1) * 255).astype(np.uint8)
    if rng.random() < 0.35:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 85))]
        _, coded = cv2.imencode(".jpg", out[:, :, ::-1], quality)
        out = cv2.imdecode(coded, cv2.IMREAD_COLOR)[:, :, ::-1]
    return np.ascontiguousarray(out)


def _moved(boxes, move):
    """Moves boxes and clips them to the picture; what lies outside is dropped."""
    if boxes is None:
        return None
    moved = []
    for box in boxes:
        x0, y0, x1, y1 = np.clip(move(*box), 0, 1)
        if x1 - x0 > 0.005 and y1 - y0 > 0.005:
            moved.append((float(x0), float(y0), float(x1), float(y1)))
    return tuple(moved)


def _area(boxes):
    return sum((x1 - x0) * (y1 - y0) for x0, y0, x1, y1 in boxes or ())
