"""Reads the picture index: which pictures exist, what they show and where their boxes are.

Only licence tiers A and B are ever handed out for training. Tier C pictures measure and nothing else.
"""

import csv
import json
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

TRAINING_TIERS = ("A", "B")
FAILURE = "failure"
NORMAL = ("good", "background")
ONE_CAMERA = (
    "bambulapse bedartifact ce3cam centauri emptydeck emptyender enderclose farlapse glassbed graylapse overbed ringlapse"
).split()
"""Sources that are one camera at one printer, though they hold many prints."""
WEBCAMS = (*ONE_CAMERA, "bitsy", "kaval", "nannyvid", "obico", "octobico", "p3rf")
"""Sources whose pictures come from a camera that stands at a printer; all others are photos."""
CAMERA_OF_GROUP = {
    **dict.fromkeys(("obico_pinkrail", "pinkrail_orange", "pinkrail_white", "pinkrail_wheel"), "pinkrail"),
    **dict.fromkeys(("nannyvid_cylinder", "bitsy_a"), "nannyvid"),
    **dict.fromkeys(("kaval_v2", "kaval_v3", "kaval_v4", "kaval_v5a", "kaval_v5b", "kaval_v6"), "kaval_v2-6"),
    "p3_bluebust": "graylapse",
}
"""Groups that share a camera with another source, or within theirs."""

MISLABELLED = ("kaval_5282.jpg", "kaval_5283.jpg")
"""Pictures that are marked as good and show a tangle: frames of an earlier failed print, before the one of that sequence. Left out."""


def judges_of(models):
    """Which model of the folds in a folder judges which camera: the one that has never seen it."""
    return json.loads((Path(models) / "cameras.json").read_text())


@dataclass(frozen=True)
class Picture:
    """One labelled picture. `origin` is its path in its source; `boxes` are (x0, y0, x1, y1) in 0..1, or None if only the picture has a label."""

    file: str
    path: Path
    origin: str
    source: str
    licence: str
    tier: str
    split: str
    group: str
    failed: bool
    boxes: tuple | None

    @property
    def kind(self):
        """Names the family of pictures that this one belongs to; figures are given by kind."""
        return "webcam" if self.source_name in WEBCAMS else "photo"

    @property
    def source_name(self):
        """The prefix of the file name: one per source."""
        return self.file.split("_")[0]

    @property
    def camera(self):
        """The camera that took a webcam's picture, as far as one can tell; a photo counts as a camera of its own."""
        if self.kind == "photo":
            return self.group
        if self.group in CAMERA_OF_GROUP:
            return CAMERA_OF_GROUP[self.group]
        return self.source_name if self.source_name in ONE_CAMERA else self.group


def read_index(data):
    """Reads every failed, good and background picture under `data`. Other defects and mislabelled pictures are left out."""
    data = Path(data)
    pictures = []
    with open(data / "index.csv", newline="", encoding="utf-8") as index:
        for row in csv.DictReader(index):
            if row["class"] not in (FAILURE, *NORMAL) or row["file"] in MISLABELLED:
                continue
            folder = data / row["split"]
            failed = row["class"] == FAILURE
            pictures.append(
                Picture(
                    file=row["file"],
                    path=folder / "images" / row["file"],
                    origin=row["source_path"],
                    source=row["source_repo"],
                    licence=row["licence"],
                    tier=row["licence_tier"],
                    split=row["split"],
                    group=row["group"],
                    failed=failed,
                    boxes=_read_boxes(folder / "labels" / (Path(row["file"]).stem + ".txt"), failed),
                )
            )
    return pictures


def training_pictures(pictures):
    """The pictures that may shape the weights: split `train`, tiers A and B."""
    return [p for p in pictures if p.split == "train" and p.tier in TRAINING_TIERS]


def measuring_pictures(pictures):
    """The pictures that only measure: split `val`, every tier."""
    return [p for p in pictures if p.split == "val"]


def webcam_pictures(pictures):
    """Every picture of a webcam, of both splits and every tier: what leaving one camera out is judged by."""
    return [p for p in pictures if p.kind == "webcam"]


def load(picture):
    """Loads the picture as an RGB array of bytes, rows first."""
    with Image.open(picture.path) as image:
        return np.asarray(image.convert("RGB"))


def stretch(pixels, width, height):
    """Stretches RGB bytes to the model's size as the application does: antialiased bilinear."""
    return np.asarray(Image.fromarray(pixels).resize((width, height), Image.BILINEAR))


def group_weights(pictures, most=4.0, of_camera=40.0):
    """Weighs pictures so that a group of many near-alike frames counts as at most `most` pictures, a camera as `of_camera`."""
    weights = np.ones(len(pictures))
    for limit, unit in ((most, "group"), (of_camera, "camera")):
        keys = [(getattr(p, unit), p.failed) for p in pictures]
        sums = {}
        for key, weight in zip(keys, weights):
            sums[key] = sums.get(key, 0) + weight
        weights *= np.array([min(1.0, limit / sums[key]) for key in keys])
    return weights.astype(np.float32)


def camera_folds(pictures, folds):
    """The fold of each picture: all of a camera are in one, and each fold has about as many pictures of webcams."""
    counts = {}
    for p in pictures:
        if p.kind == "webcam":
            counts[p.camera] = counts.get(p.camera, 0) + 1
    filled, fold_of_camera = [0] * folds, {}
    for camera in sorted(counts, key=lambda c: (-counts[c], c)):
        fold = filled.index(min(filled))
        fold_of_camera[camera] = fold
        filled[fold] += counts[camera]
    # A photo has no camera that comes again; its group decides, and the answer never changes between runs.
    return np.array([fold_of_camera.get(p.camera, zlib.crc32(p.group.encode()) % folds) for p in pictures])


def _read_boxes(path, failed):
    if not failed:
        return ()
    if not path.exists():
        return None
    boxes = []
    for line in path.read_text().splitlines():
        _, cx, cy, w, h = (float(v) for v in line.split())
        boxes.append((cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2))
    return tuple(boxes) if boxes else None
