"""Whole prints as numbered frames, to run a rule over time on: `python -m train.sequences --data DIR --out DIR`.

Each folder holds frames and a `truth.json`: {"name", "seconds_per_frame", "fail_from": frame or null, "camera",
"group", "width": of the composed tangle or null}. There are complete prints as they were filmed, good prints of twelve
cameras, and the same good prints in which a tangle grows from a known frame on. A real picture stands for several
frames, each with its own noise and brightness, as from a camera.

Some of these cameras also train the shipped model. So each is judged by a model that has never seen it: see
`train.cameras --models`. The tangles are cut-outs of failures that trained nothing: they show that a rule reacts to a
size and how fast, and the real prints come first wherever figures are told.
"""

import argparse
import json
import os
import re
from pathlib import Path

import cv2
import numpy as np

from .pictures import load, read_index
from .tangles import laid, tangles

SEED = 7
REAL = ("pinkrail_orange", "pinkrail_white", "nannyvid_cylinder", "kaval_v1", "kaval_v3", "kaval_v4", "kaval_v6")
"""Groups that are prints in order which fail, filmed to the end."""
STANDS = {"real": 30, "good": 60}
"""Seconds for which one picture stands: the time between two of them is not known."""
CALM, FAILING, GROWS = 180, 300, 200
"""Seconds of a composed print before its failure, of the failure, and until that has its full size."""
WIDTHS = (0.05, 0.08, 0.12, 0.18, 0.26, 0.40)
"""Of composed tangles, as a share of the picture's width."""
EACH = 2
"""Composed failures of one good print, of different widths."""
BEDS = {
    "pinkrail_orange": (0.35, 0.35, 0.6, 0.6),
    "pinkrail_white": (0.35, 0.35, 0.65, 0.6),
    "pinkrail_wheel": (0.5, 0.35, 0.8, 0.65),
    "nannyvid": (0.2, 0.65, 0.85, 0.85),
    "kaval_v1": (0.25, 0.6, 0.8, 0.85),
    "kaval_v": (0.2, 0.75, 0.85, 0.92),
    "ringlapse": (0.4, 0.68, 0.7, 0.9),
    "farlapse": (0.42, 0.66, 0.7, 0.85),
    "centauri": (0.25, 0.6, 0.8, 0.85),
    "bambulapse": (0.3, 0.5, 0.7, 0.75),
    "emptyender_20241126": (0.38, 0.6, 0.65, 0.85),
    "emptyender": (0.3, 0.84, 0.65, 0.95),
    "glassbed": (0.3, 0.35, 0.8, 0.55),
    "overbed": (0.25, 0.3, 0.75, 0.8),
    "emptydeck": (0.3, 0.72, 0.8, 0.9),
}
"""Where the bed is seen (x0, y0, x1, y1), by the beginning of the group's name: the middle of a tangle lies there."""
MOST = {"ringlapse": 5, "centauri": 3, "emptydeck": 5}
"""Good prints of one camera: not so many of those of which there are dozens."""


def main():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, help="folder with index.csv, train/ and val/")
    parser.add_argument("--out", required=True, help="folder to write, outside the repository")
    parser.add_argument("--every", type=float, default=10, help="seconds between two frames")
    parser.add_argument("--good-minutes", type=float, default=20, help="of each good print")
    options = parser.parse_args()
    pictures = read_index(options.data)
    cut = tangles([p for p in pictures if p.split == "val"])
    prints = prints_in_order(pictures)
    writer = _Writer(Path(options.out), options.every)
    for group in REAL:
        frames = prints[group]
        stands = round(STANDS["real"] / options.every)
        first = next(n for n, p in enumerate(frames) if p.failed)
        writer.write(f"real-{group}", frames[0], _standing(frames, stands, len(frames) * stands), first * stands, None)
    number = 0
    for group, frames in good_prints(prints).items():
        stands = max(1, round(STANDS["good"] / options.every))
        count = round(options.good_minutes * 60 / options.every)
        writer.write(f"good-{group}", frames[0], _standing(frames, stands, count), None, None)
        for n in range(EACH):
            width = WIDTHS[(number + 2 * n) % len(WIDTHS)]
            rng = np.random.default_rng((SEED, number, n))
            made = _composed(frames, stands, cut[int(rng.integers(len(cut)))], width, options.every, rng)
            name = f"composed-{group}-{round(100 * width):02}"
            writer.write(name, frames[0], made, round(CALM / options.every), width)
        number += 1


def prints_in_order(pictures):
    """The prints that were filmed in order: group -> pictures, first frame first."""
    prints = {}
    for p in pictures:
        if any(p.group.startswith(name) for name in BEDS) and p.file.split("_")[0] not in ("obico", "bitsy"):
            prints.setdefault(p.group, []).append(p)
    return {group: sorted(of, key=_frame_number) for group, of in prints.items()}


def good_prints(prints):
    """The good prints, and what lies before the failure of the others: at least six pictures, so many of each camera."""
    good, of_camera = {}, {}
    for group, frames in sorted(prints.items(), key=lambda entry: (-len(entry[1]), entry[0])):
        first = next((n for n, p in enumerate(frames) if p.failed), len(frames))
        calm = frames[:first]
        most = MOST.get(frames[0].camera, len(prints))
        if len(calm) < 6 or of_camera.get(frames[0].camera, 0) >= most:
            continue
        of_camera[frames[0].camera] = of_camera.get(frames[0].camera, 0) + 1
        good[group] = calm
    return good


def _frame_number(picture):
    """The number of the frame in its film; the last number of the source's file name."""
    found = re.findall(r"\d+", Path(picture.origin.split(" @")[0]).name.rsplit(".", 1)[0])
    return (int(found[-1]) if found else 0, picture.origin)


def _standing(frames, stands, count):
    """Yields (key, make) of `count` frames: each picture stands for some, to the end and back.

    A picture has three looks of its own, which come in turn; the same key is the same look.
    """
    rng = np.random.default_rng(SEED)
    seeds = rng.integers(1 << 30, size=(len(frames), 3))
    round_trip = [*range(len(frames)), *range(len(frames) - 2, 0, -1)]
    for n in range(count):
        which, look = round_trip[n // stands % len(round_trip)], n % 3
        yield (which, look), lambda: _jitter(load(frames[which]), np.random.default_rng(seeds[which, look]))


def _composed(frames, stands, tangle, width, every, rng):
    """A good print in which a tangle grows after `CALM` seconds."""
    bed = bed_of(frames[0].group)
    centre = rng.uniform(bed[0], bed[2]), rng.uniform(bed[1], bed[3])
    if rng.random() < 0.5:
        tangle = tangle[0][:, ::-1], tangle[1][:, ::-1]
    calm, all_frames = round(CALM / every), round((CALM + FAILING) / every)
    for n, (key, make) in enumerate(_standing(frames, stands, all_frames)):
        if n < calm:
            yield key, make
            continue
        grown = width * min(1.0, 0.3 + 0.7 * (n - calm) * every / GROWS)
        picture, seed = frames[_at(n, stands, len(frames))], int(rng.integers(1 << 30))
        yield ("failing", n), lambda: _jitter(laid(load(picture), tangle, centre, grown), np.random.default_rng(seed))


def _at(n, stands, count):
    round_trip = [*range(count), *range(count - 2, 0, -1)]
    return round_trip[n // stands % len(round_trip)]


def bed_of(group):
    return next(bed for name, bed in BEDS.items() if group.startswith(name))


def _jitter(image, rng):
    noisy = image.astype(np.float32) * rng.uniform(0.96, 1.04)
    grain = rng.normal(0, 3, (image.shape[0] // 2, image.shape[1] // 2)).astype(np.float32)
    noisy += cv2.resize(grain, image.shape[1::-1], interpolation=cv2.INTER_LINEAR)[..., None]
    return np.clip(noisy, 0, 255).astype(np.uint8)


class _Writer:
    """Writes sequences; the same look of the same picture is written once and linked."""

    def __init__(self, out, every):
        self.out, self.every = out, every

    def write(self, name, picture, frames, fail_from, width):
        folder = self.out / name
        folder.mkdir(parents=True, exist_ok=True)
        written, count = {}, 0
        for count, (key, make) in enumerate(frames, 1):
            path = folder / f"{count - 1:06d}.jpg"
            path.unlink(missing_ok=True)
            if key in written:
                os.link(written[key], path)
                continue
            cv2.imwrite(str(path), make()[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, 85])
            written[key] = path
        truth = {
            "name": name,
            "seconds_per_frame": self.every,
            "fail_from": fail_from,
            "camera": picture.camera,
            "group": picture.group,
            "width": width,
        }
        (folder / "truth.json").write_text(json.dumps(truth, indent=1) + "\n")
        print(f"{name}: {count} frames" + ("" if fail_from is None else f", fails from {fail_from} on"), flush=True)


if __name__ == "__main__":
    main()
