"""How well a score holds across cameras: the figures that a person with another camera should ask for.

`python -m train.across --data DIR --model FILE.onnx` judges a finished file by every webcam of both splits and all tiers
that it was not trained on (`--trained-on` names the cameras that it was). The recipe judges itself in the same way by
leaving cameras out; with `--models DIR` (see `python -m train --models`) that is done anew, each camera by the model that
has never seen it, for the same cameras as a finished file. Intervals are over cameras: the next camera is the question,
not the next picture.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score

from .measure import figures, logit, recall_limit, scores_of
from .pictures import judges_of, measuring_pictures, read_index, webcam_pictures
from .tangles import together

SHARES = (0.0, 0.02, 0.05, 0.15, 1.01)
"""Bounds of a failure's share of the picture."""
CALM_LOOKS = 8
"""Calm looks that make a camera's level, in the row that takes it off."""
TAKEN_OFF = (-1.0, 1.5)
"""How far a camera's level may lie from the usual one for its difference to be taken off, in logits."""
ENOUGH_FAILED, ENOUGH_NORMAL = 3, 8
"""Pictures that a camera needs for an ROC-AUC of its own."""


def table(pictures, logits):
    """Figures of webcams' pictures by the logits of their scores, as plain data."""
    failed = np.array([p.failed for p in pictures], float)
    cameras = np.array([p.camera for p in pictures])
    own = own_cameras(cameras, failed, logits)
    return {
        "cameras": len(set(cameras)),
        "failed": int(failed.sum()),
        "normal": int((1 - failed).sum()),
        "pooled": figures(failed, logits, cameras),
        "own_camera": own,
        "own_camera_mean": round(float(np.mean(list(own.values()))), 3) if own else None,
        "level_taken_off": figures(failed, without_level(cameras, failed, logits), cameras),
        "recall_by_share_of_picture": by_share(pictures, failed, logits),
        "level_of_normals": levels(cameras, failed, logits),
    }


def own_cameras(cameras, failed, logits):
    """The ROC-AUC within each camera that has both kinds of pictures."""
    found = {}
    for camera in sorted(set(cameras)):
        mine = cameras == camera
        if failed[mine].sum() >= ENOUGH_FAILED and (1 - failed[mine]).sum() >= ENOUGH_NORMAL:
            found[camera] = round(float(roc_auc_score(failed[mine], logits[mine])), 3)
    return found


def without_level(cameras, failed, logits):
    """The logits with each camera's own level taken off: how far its first normal looks lie from those of all cameras.

    A camera without enough normal pictures stays as it is.
    """
    level = {}
    for camera in set(cameras):
        normal = logits[(cameras == camera) & (failed < 0.5)]
        if len(normal) >= ENOUGH_NORMAL:
            level[camera] = float(normal[:CALM_LOOKS].mean())
    usual = float(np.median(list(level.values()))) if level else 0.0
    off = np.array([level.get(camera, usual) - usual for camera in cameras])
    return logits - np.clip(off, *TAKEN_OFF)


def by_share(pictures, failed, logits):
    """Recall by the failure's share of the picture, at the score that 1 % of the normal pictures reach; boxes only."""
    limit = recall_limit(failed, logits)
    shares = np.array([_share(p) if p.failed and p.boxes else -1 for p in pictures])
    rows = {}
    for low, high in zip(SHARES, SHARES[1:]):
        mine = (shares >= low) & (shares < high) & (failed > 0.5)
        if mine.any():
            name = f"{low:.0%} to {min(high, 1):.0%}"
            rows[name] = {"failed": int(mine.sum()), "recall": round(float((logits[mine] > limit).mean()), 3)}
    return rows


def levels(cameras, failed, logits):
    """Where the cameras' normal pictures lie: the lowest and the highest mean, and the spread between cameras."""
    means = [logits[(cameras == c) & (failed < 0.5)].mean() for c in set(cameras) if ((cameras == c) & (failed < 0.5)).sum() >= 5]
    if not means:
        return None
    return {name: round(float(v), 2) for name, v in (("lowest", min(means)), ("highest", max(means)), ("deviation", np.std(means)))}


def _share(picture):
    return sum(max(0, x1 - x0) * max(0, y1 - y0) for x0, y0, x1, y1 in together(picture.boxes))


def _by_folds(models, pictures):
    """The probability of each picture by the model of the fold that its camera is in."""
    judges = judges_of(models)
    probabilities = np.zeros(len(pictures))
    for name in sorted(set(judges.values())):
        mine = [i for i, p in enumerate(pictures) if judges[p.camera] == name]
        if mine:
            probabilities[mine] = scores_of(models / name, [pictures[i] for i in mine])[1]
    return probabilities


def main():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, help="folder with index.csv, train/ and val/")
    parser.add_argument("--model", help="the ONNX file")
    parser.add_argument("--models", help="folder with models of the folds")
    parser.add_argument("--trained-on", default="", help="cameras to leave out, by the beginning of their names: emptydeck,p3_")
    parser.add_argument("--val", action="store_true", help="only the pictures of val, which train nothing")
    options = parser.parse_args()
    pictures = read_index(options.data)
    known = tuple(name for name in options.trained_on.split(",") if name)
    pictures = [p for p in webcam_pictures(pictures) if p.split == "val" or not (known and p.camera.startswith(known))]
    if options.val:
        pictures = measuring_pictures(pictures)
    if options.models:
        probabilities = _by_folds(Path(options.models), pictures)
    else:
        _, probabilities = scores_of(options.model, pictures)
    print(json.dumps(table(pictures, logit(probabilities)), indent=1))


if __name__ == "__main__":
    main()
