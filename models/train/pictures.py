"""Reads the picture index: which pictures exist, what they show and where their boxes are.

Only licence tiers A and B are ever handed out for training. Tier C pictures measure and nothing else.
"""

import csv
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

TRAINING_TIERS = ("A", "B")
FAILURE = "failure"
NORMAL = ("good", "background")


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
        prefix = self.file.split("_")[0]
        if prefix in ("octobico", "obico"):
            return "webcam"
        if prefix in ("emptydeck", "p3rf"):
            return "bed camera"
        return "photo"

    @property
    def source_name(self):
        """The prefix of the file name: one per source."""
        return self.file.split("_")[0]


def read_index(data):
    """Reads every failed, good and background picture under `data`. Other defects are neutral and left out."""
    data = Path(data)
    pictures = []
    with open(data / "index.csv", newline="", encoding="utf-8") as index:
        for row in csv.DictReader(index):
            if row["class"] != FAILURE and row["class"] not in NORMAL:
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


def load(picture):
    """Loads the picture as an RGB array of bytes, rows first."""
    with Image.open(picture.path) as image:
        return np.asarray(image.convert("RGB"))


def stretch(pixels, width, height):
    """Stretches RGB bytes to the model's size as the application does: antialiased bilinear."""
    return np.asarray(Image.fromarray(pixels).resize((width, height), Image.BILINEAR))


def fold_of(group, folds):
    """Gives a group its fold; a group never crosses folds, and the answer never changes between runs."""
    return zlib.crc32(group.encode()) % folds


def group_weights(pictures, most=4.0):
    """Weighs pictures so that a group of many near-alike frames counts as at most `most` pictures."""
    sizes = {}
    for p in pictures:
        key = (p.group, p.failed)
        sizes[key] = sizes.get(key, 0) + 1
    return np.array([min(1.0, most / sizes[(p.group, p.failed)]) for p in pictures], np.float32)


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
