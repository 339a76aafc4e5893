"""Cut-out tangles and how they are laid into a good print, in the light, colour and blur of the place.

Training pastes soft ellipses (`paste`); measuring cuts along the tangle itself, so that the trick of the one is no help
in the other. Only failures of `val` are cut out: no weight has seen them.
"""

import cv2
import numpy as np

from .pictures import load

CHOSEN = """
kapis_0021:0 kapis_0023:0 kapis_0026:0 kapis_0031:0 kapis_0068:0 kapis_0077:0 kapis_0089:1 kapis_0110:0 kapis_0132:0
kapis_0136:0 kapis_0136:1 kapis_0153:0 kapis_0153:1 kapis_0200:0 kapis_0207:0 kapis_0217:0 kapis_0231:0 kapis_0252:0
kapis_0269:0 kapis_0269:1 kapis_0289:0 kapis_0296:0 kapis_0385:0 kapis_0416:0 kapis_0504:0 kapis_0559:0 kapis_0571:0
kapis_0574:0 kapis_0574:1 kapis_0578:0 kapis_0620:0 prottos_1052:0 yeets_1584:0 yeets_1627:0 yeets_1695:0 yeets_1701:0
yeets_1798:0 yeets_1864:0 yeets_1864:1 bosser_3678:0 bosser_3681:0 bosser_3683:0
""".split()
"""Chosen by eye among all marked failures of at least 90 pixels: plainly a tangle, and cut along its edge. Each is a
picture and the number of its mark, once marks that touch are taken together."""


def tangles(pictures):
    """The chosen cut-outs of `pictures`: (RGB, opacity of 0 to 1), in the order above."""
    of = {p.file.rsplit(".", 1)[0]: p for p in pictures}
    cut = []
    for name in CHOSEN:
        file, number = name.split(":")
        cut.append(_cut(load(of[file]), together(of[file].boxes)[int(number)]))
    return cut


def together(boxes):
    """Joins boxes that touch or nearly do: one tangle is often marked in parts."""
    boxes, near, joined = [list(b) for b in boxes], 0.02, True
    while joined:
        joined = False
        for i in range(len(boxes)):
            for j in range(i + 1, len(boxes)):
                a, b = boxes[i], boxes[j]
                if a[0] < b[2] + near and b[0] < a[2] + near and a[1] < b[3] + near and b[1] < a[3] + near:
                    boxes[i] = [min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])]
                    del boxes[j]
                    joined = True
                    break
            if joined:
                break
    return boxes


def _cut(image, box):
    """The inside of the box, and how much of each pixel is tangle; a soft ellipse where no edge is found."""
    high, wide = image.shape[:2]
    left, top = max(0, int(box[0] * wide)), max(0, int(box[1] * high))
    right, bottom = int(box[2] * wide), int(box[3] * high)
    mask = np.full((high, wide), cv2.GC_BGD, np.uint8)
    mask[top:bottom, left:right] = cv2.GC_PR_FGD
    cv2.setRNGSeed(1)
    cv2.grabCut(np.ascontiguousarray(image[:, :, ::-1]), mask, None, np.zeros((1, 65)), np.zeros((1, 65)), 4, cv2.GC_INIT_WITH_MASK)
    opacity = np.isin(mask, (cv2.GC_FGD, cv2.GC_PR_FGD))[top:bottom, left:right].astype(np.float32)
    if opacity.mean() < 0.05:
        ys, xs = np.mgrid[-1 : 1 : opacity.shape[0] * 1j, -1 : 1 : opacity.shape[1] * 1j]
        opacity = np.clip((1 - np.hypot(xs, ys)) / 0.4, 0, 1).astype(np.float32)
    columns, rows = np.flatnonzero(opacity.max(0) > 0), np.flatnonzero(opacity.max(1) > 0)
    inside = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    return image[top:bottom, left:right][inside], opacity[inside]


def laid(frame, tangle, centre, share):
    """The frame with the tangle in it, `share` of the picture wide, its middle at `centre` (0..1)."""
    high, wide = frame.shape[:2]
    piece, opacity = tangle
    w = max(6, round(wide * share))
    h = max(5, round(w * piece.shape[0] / piece.shape[1]))
    if h > 0.6 * high:
        w, h = max(6, round(w * 0.6 * high / h)), round(0.6 * high)
    piece = cv2.resize(np.ascontiguousarray(piece), (w, h), interpolation=cv2.INTER_AREA).astype(np.float32)
    opacity = cv2.resize(opacity, (w, h), interpolation=cv2.INTER_AREA)
    left = int(np.clip(centre[0] * wide - w / 2, 0, wide - w))
    top = int(np.clip(centre[1] * high - h / 2, 0, high - h))
    under = frame[top : top + h, left : left + w].astype(np.float32)
    piece = _as_there(piece, opacity, under, frame)
    opacity = cv2.GaussianBlur(opacity, (0, 0), 0.6)[..., None]
    out = frame.copy()
    out[top : top + h, left : left + w] = np.clip(opacity * piece + (1 - opacity) * under, 0, 255).astype(np.uint8)
    return out


def _as_there(piece, opacity, under, frame):
    """The piece in the place's light (most of the way), the picture's cast and greyness, and its blur."""
    own = float((piece.mean(2) * opacity).sum() / max(opacity.sum(), 1))
    light = float(under.mean())
    # White plastic is brighter than a dark bed, and black is darker than a light one: not all of the way.
    piece = piece * ((light + 15) / (own + 15)) ** 0.6
    grey = piece.mean(2, keepdims=True)
    colourful = float(np.abs(frame.astype(np.float32) - frame.mean(2, keepdims=True)).mean())
    piece = grey + (piece - grey) * np.clip(colourful / 12, 0, 1)
    cast = frame.reshape(-1, 3).mean(0) + 10
    piece = piece * (cast / cast.mean()) ** 0.5
    for _ in range(6):
        if _sharpness(piece) <= 1.3 * _sharpness(frame):
            break
        piece = cv2.GaussianBlur(piece, (0, 0), 0.6)
    return np.clip(piece, 0, 255)


def _sharpness(image):
    """How much of the picture's spread is between next pixels."""
    grey = image.mean(2).astype(np.float32)
    return float(np.abs(np.diff(grey, axis=1)).mean() / max(grey.std(), 4))
