"""Whole prints as numbered frames, to run a rule over time on: `python -m train.sequences --data DIR --out DIR`.

Each folder holds frames and a `truth.json`: {"name", "seconds_per_frame", "fail_from": index or null, "camera"}. There
are complete prints as they were filmed, good prints, and good prints into which a tangle grows from a known frame on.
Only pictures that no weight was trained on are used. A real picture is shown for several frames, each with its
own noise and brightness, as a camera would. The tangles are cut-outs: they show that a rule reacts, and how fast; they
do not show how many failures of real printers it finds.
"""

import argparse
import json
import re
from pathlib import Path

import cv2
import numpy as np

from .pictures import load, measuring_pictures, read_index

SEED = 7
SECONDS = 5
"""Between two frames."""
SIZE = (640, 480)
GROWS = 40
"""Frames until a composed tangle has its full size."""
SIZES = (0.12, 0.18, 0.26, 0.38)
"""Width of a composed tangle, as a share of the picture."""
LOOKS = ("as is", "grey", "dark")


def main():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, help="folder with index.csv, train/ and val/")
    parser.add_argument("--out", required=True, help="folder to write, outside the repository")
    parser.add_argument("--good-hours", type=float, default=1.0, help="hours of each good print")
    options = parser.parse_args()
    pictures = measuring_pictures(read_index(options.data))
    prints = _prints(pictures)
    out = Path(options.out)
    for name, frames in prints.items():
        failing = [i for i, p in enumerate(frames) if p.failed]
        images = [load(p) for p in frames]
        if failing:
            repeats = 6
            first = failing[0] * repeats
            _write(out, name, frames[0], _jittered(images, repeats), first)
            images = images[: failing[0]]
        repeats = max(1, round(options.good_hours * 3600 / SECONDS / len(images)))
        _write(out, f"{name}-good", frames[0], _jittered(images, repeats), None)
    rng = np.random.default_rng(SEED)
    tangles = _tangles(pictures)
    calm = [(n, [p for p in f if not p.failed]) for n, f in prints.items()]
    for n, (size, look) in enumerate((s, l) for s in SIZES for l in LOOKS):
        name, frames = calm[n % len(calm)]
        tangle = tangles[int(rng.integers(len(tangles)))]
        title = f"{name}-tangle-{round(size * 100)}-{look.replace(' ', '-')}"
        frames_made, first = _composed([load(p) for p in frames], tangle, size, look, rng)
        _write(out, title, frames[0], frames_made, first)


def _prints(pictures):
    """The prints that were filmed in order: name -> pictures, first frame first."""
    prints = {}
    for p in pictures:
        if p.source_name in ("octobico", "emptydeck"):
            prints.setdefault(f"{p.source_name}-{p.group.split('_')[-1]}", []).append(p)
    return {name: sorted(of, key=_frame_number) for name, of in prints.items()}


def _frame_number(picture):
    """The number of the frame in its film; the last number of the source's file name."""
    return int(re.findall(r"\d+", Path(picture.origin.split(" @")[0]).stem)[-1])


def _jittered(images, repeats):
    """Yields each image `repeats` times, never quite the same."""
    rng = np.random.default_rng(SEED)
    for image in images:
        small = cv2.resize(image, SIZE if image.shape[1] >= image.shape[0] else SIZE[::-1], interpolation=cv2.INTER_AREA)
        for _ in range(repeats):
            yield _jitter(small, rng)


def _jitter(image, rng):
    noisy = image.astype(np.float32) * rng.uniform(0.96, 1.04)
    grain = rng.normal(0, 3, (image.shape[0] // 2, image.shape[1] // 2)).astype(np.float32)
    noisy += cv2.resize(grain, image.shape[1::-1], interpolation=cv2.INTER_LINEAR)[..., None]
    return np.clip(noisy, 0, 255).astype(np.uint8)


def _tangles(pictures):
    """Cut-outs of marked failures in photos, large enough to look at."""
    cut = []
    for p in pictures:
        if p.kind != "photo" or not p.failed or not p.boxes:
            continue
        x0, y0 = min(b[0] for b in p.boxes), min(b[1] for b in p.boxes)
        x1, y1 = max(b[2] for b in p.boxes), max(b[3] for b in p.boxes)
        image = load(p)
        high, wide = image.shape[:2]
        piece = image[int(max(0, y0) * high) : int(y1 * high), int(max(0, x0) * wide) : int(x1 * wide)]
        if min(piece.shape[:2]) >= 100 and (x1 - x0) * (y1 - y0) < 0.7:
            cut.append(piece)
    return cut


def _composed(images, tangle, size, look, rng, repeats=8):
    """A good print in which a tangle grows from half its length on; returns (frames, first frame with a tangle)."""
    frames = list(_jittered(images, max(repeats, 2 * GROWS // len(images) + 1)))
    first = len(frames) // 2
    high, wide = frames[0].shape[:2]
    x, y = rng.uniform(0.3, 0.7) * wide, rng.uniform(0.45, 0.75) * high
    mirrored = tangle[:, ::-1] if rng.random() < 0.5 else tangle
    for n in range(first, len(frames)):
        grown = min(1.0, 0.3 + 0.7 * (n - first) / GROWS)
        frames[n] = _pasted(frames[n], mirrored, (x, y), size * grown)
    return [_seen(f, look, rng) for f in frames], first


def _pasted(frame, tangle, centre, share):
    """Lays the cut-out on the frame as a soft ellipse round `centre`."""
    high, wide = frame.shape[:2]
    w = max(12, int(wide * share))
    h = max(10, min(int(w * tangle.shape[0] / tangle.shape[1]), int(high * 0.6)))
    small = cv2.resize(tangle, (w, h), interpolation=cv2.INTER_AREA).astype(np.float32)
    ys, xs = np.mgrid[0:h, 0:w]
    distance = np.hypot((xs - w / 2 + 0.5) / (w / 2), (ys - h / 2 + 0.5) / (h / 2))
    mask = np.clip((1 - distance) / 0.3, 0, 1)[..., None].astype(np.float32)
    left, top = int(np.clip(centre[0] - w / 2, 0, wide - w)), int(np.clip(centre[1] - h / 2, 0, high - h))
    out = frame.copy()
    under = out[top : top + h, left : left + w].astype(np.float32)
    # As bright as the place it lies in: half of the way.
    small = np.clip(small * (0.5 + 0.5 * (under.mean() + 20) / (small.mean() + 20)), 0, 255)
    out[top : top + h, left : left + w] = (mask * small + (1 - mask) * under).astype(np.uint8)
    return out


def _seen(frame, look, rng):
    if look == "as is":
        return frame
    grey = frame.mean(2, keepdims=True).repeat(3, 2)
    if look == "dark":
        grey = grey * 0.4 + rng.normal(0, 4, grey.shape)
    return np.clip(grey, 0, 255).astype(np.uint8)


def _write(out, name, picture, frames, fail_from):
    folder = out / name
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    for count, frame in enumerate(frames, 1):
        cv2.imwrite(str(folder / f"{count - 1:06d}.jpg"), frame[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, 85])
    truth = {"name": name, "seconds_per_frame": SECONDS, "fail_from": fail_from, "camera": picture.source_name}
    (folder / "truth.json").write_text(json.dumps(truth, indent=1) + "\n")
    print(f"{name}: {count} frames" + ("" if fail_from is None else f", fails from {fail_from} on"), flush=True)


if __name__ == "__main__":
    main()
