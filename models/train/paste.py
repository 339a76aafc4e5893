"""Small failures in context: a cut-out tangle, 6 to 26 % of the picture wide, in a normal picture of a webcam.

The same is done to normal pictures with cut-outs of normal ones, so that an edge of a paste is never the cue.
"""

import cv2
import numpy as np

from .pictures import load, stretch

WIDTHS = (0.06, 0.26)
"""Of the pasted piece, as a share of the picture's width; small ones are drawn more often."""


def small(pictures, i, size, rng):
    """Returns (pixels, boxes, other) of picture `i` pasted small into a normal picture, or of a normal one pasted into.

    A failed picture without boxes stays as it is: nobody said what to cut out.
    """
    picture = pictures[i]
    if picture.failed and not picture.boxes:
        return stretch(load(picture), *size), picture.boxes, -1
    if picture.failed:
        other = behind(pictures, rng)
        canvas, piece = stretch(load(pictures[other]), *size), marked_piece(picture, rng)
    else:
        other = int(rng.choice([n for n, p in enumerate(pictures) if not p.failed]))
        canvas, piece = stretch(load(picture), *size), any_piece(load(pictures[other]), rng)
    share = WIDTHS[0] * (WIDTHS[1] / WIDTHS[0]) ** rng.uniform()
    centre = rng.uniform(0.12, 0.88), rng.uniform(0.25, 0.9)
    if rng.random() < 0.5:
        piece = piece[:, ::-1]
    pixels, box = laid(canvas, piece, centre, share, rng.uniform(0.3, 0.7), rng.uniform(0, 1.2), rng.uniform(0.2, 0.5))
    return pixels, (box,) if picture.failed else (), other


def behind(pictures, rng):
    """The position of a normal picture to paste onto: three times in four of a webcam, each camera as often."""
    normal = [n for n, p in enumerate(pictures) if not p.failed]
    if rng.random() < 0.75:
        cameras = sorted({pictures[n].camera for n in normal if pictures[n].kind == "webcam"})
        if cameras:
            camera = cameras[rng.integers(len(cameras))]
            normal = [n for n in normal if pictures[n].camera == camera]
    return int(rng.choice(normal))


def marked_piece(picture, rng):
    """One marked failure, the larger the likelier, with a little around it."""
    image = load(picture)
    high, wide = image.shape[:2]
    areas = np.array([(b[2] - b[0]) * (b[3] - b[1]) for b in picture.boxes])
    x0, y0, x1, y1 = picture.boxes[rng.choice(len(areas), p=areas / areas.sum())]
    spare = 0.08
    left, right = max(0, x0 - spare * (x1 - x0)) * wide, min(1, x1 + spare * (x1 - x0)) * wide
    top, bottom = max(0, y0 - spare * (y1 - y0)) * high, min(1, y1 + spare * (y1 - y0)) * high
    return image[int(top) : max(int(top) + 8, int(bottom)), int(left) : max(int(left) + 8, int(right))]


def any_piece(image, rng):
    """A piece of a normal picture."""
    high, wide = image.shape[:2]
    w, h = int(wide * rng.uniform(0.2, 0.7)), int(high * rng.uniform(0.2, 0.7))
    left, top = rng.integers(0, wide - w + 1), rng.integers(0, high - h + 1)
    return image[top : top + h, left : left + w]


def laid(canvas, piece, centre, share, matched, blur, soft):
    """Lays `piece` on the picture as a soft ellipse, `share` of the picture wide; returns (pixels, box).

    `matched`: how far its brightness goes to that of the place. The box is what the eye sees of it.
    """
    high, wide = canvas.shape[:2]
    w = max(10, int(wide * share))
    # The canvas may be stretched; a piece keeps roughly the form that it has.
    h = int(np.clip(w * piece.shape[0] / piece.shape[1], 10, high * 0.5))
    shrunk = cv2.resize(np.ascontiguousarray(piece), (w, h), interpolation=cv2.INTER_AREA).astype(np.float32)
    if blur > 0.3:
        shrunk = cv2.GaussianBlur(shrunk, (0, 0), blur)
    ys, xs = np.mgrid[0:h, 0:w]
    away = np.hypot((xs - w / 2 + 0.5) / (w / 2), (ys - h / 2 + 0.5) / (h / 2))
    mask = np.clip((1 - away) / soft, 0, 1)[..., None].astype(np.float32)
    left = int(np.clip(centre[0] * wide - w / 2, 0, wide - w))
    top = int(np.clip(centre[1] * high - h / 2, 0, high - h))
    out = canvas.copy()
    under = out[top : top + h, left : left + w].astype(np.float32)
    gain = (1 - matched) + matched * (under.mean() + 20) / (shrunk.mean() + 20)
    shrunk = np.clip(shrunk * gain, 0, 255)
    out[top : top + h, left : left + w] = (mask * shrunk + (1 - mask) * under).astype(np.uint8)
    seen = 0.1
    box = left + seen * w, top + seen * h, left + (1 - seen) * w, top + (1 - seen) * h
    return out, (box[0] / wide, box[1] / high, box[2] / wide, box[3] / high)
