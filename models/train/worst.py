"""The pictures a model is most wrong about, as a list and as a contact sheet to look at.

A contact sheet shows training data: write it outside the repository.
"""

import numpy as np
from PIL import Image, ImageDraw

from .pictures import load

EACH = 10
TILE = (240, 200)


def worst(pictures, cells, p):
    """Returns (misses, false alarms): lists of (position, p) of failures that score low and normals that score high."""
    failed = np.array([x.failed for x in pictures])
    peak = cells.reshape(len(cells), -1).max(1)
    order = np.lexsort((peak, p))
    misses = [(int(i), float(p[i])) for i in order if failed[i]][:EACH]
    alarms = [(int(i), float(p[i])) for i in order[::-1] if not failed[i]][:EACH]
    return misses, alarms


def listed(pictures, cells, p):
    """The worst misses and false alarms as plain data."""
    names = ("worst_misses", "worst_false_alarms")
    sides = worst(pictures, cells, p)
    return {n: [{"file": pictures[i].file, "p": round(v, 3)} for i, v in side] for n, side in zip(names, sides)}


def sheet(path, pictures, cells, p, threshold):
    """Draws both lists: marked boxes in green, cells over `threshold` in red."""
    rows = [entry for side in worst(pictures, cells, p) for entry in side]
    columns = EACH // 2
    canvas = Image.new("RGB", (TILE[0] * columns, TILE[1] * -(-len(rows) // columns)))
    for n, (i, value) in enumerate(rows):
        tile = _tile(pictures[i], cells[i], threshold)
        text = f"{pictures[i].file} {'FAILED' if pictures[i].failed else 'normal'} p {value:.2f}"
        ImageDraw.Draw(tile).text((3, 2), text, fill=(255, 255, 0))
        canvas.paste(tile, (n % columns * TILE[0], n // columns * TILE[1]))
    canvas.save(path, quality=88)


def _tile(picture, cells, threshold):
    tile = Image.fromarray(load(picture)).resize(TILE, Image.BILINEAR)
    heat = Image.fromarray(((cells >= threshold) * 110).astype(np.uint8)).resize(TILE, Image.NEAREST)
    tile.paste(Image.new("RGB", TILE, (255, 0, 0)), (0, 0), heat)
    draw = ImageDraw.Draw(tile)
    for x0, y0, x1, y1 in picture.boxes or ():
        draw.rectangle((x0 * TILE[0], y0 * TILE[1], x1 * TILE[0], y1 * TILE[1]), outline=(0, 255, 0))
    return tile
