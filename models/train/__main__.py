"""From pictures to a measured ONNX file: `python -m train --data DIR --out FILE.onnx`.

Heads are trained on a frozen trunk, in minutes. Cameras are dealt into folds, and for each fold heads are trained
without its cameras: they calibrate, they say what the recipe is worth at a camera where it was never trained, and with
`--models DIR` they are written as files of their own, for the sequences of those cameras.
"""

import argparse
import json
import time
import warnings
from pathlib import Path

import numpy as np
import torch

from . import across, calibrate, measure
from .augment import MANNERS
from .export import ship
from .features import variants
from .heads import cell_logits, picture_logits, top_cells, train_heads
from .net import TRUNKS, Shipped, Trunk
from .pictures import camera_folds, group_weights, measuring_pictures, read_index, training_pictures

FOLDS = 5
SEED = 1
VERSION = "1.4.0"
TRAINED_ON = "{failed} failed and {normal} normal pictures of 3D prints, licence tiers A and B; see models/README.md"


def members_without(made, pictures, folds, fold, manners):
    """The variants in `manners` that show nothing of the fold's cameras, not even behind a paste."""
    inside = np.append(folds == fold, False)
    return np.flatnonzero(~inside[made.shows].any(1) & np.isin(made.manner, manners))


def left_out(made, training, measured, measuring, manners, top, heads):
    """Heads trained without each fold's cameras, and by them the logits of the cells of all pictures.

    Returns (heads of each fold, logits of the training pictures, logits of the measuring ones, folds of the latter).
    The logits have the heads, which differ in their seed, as their first axis.
    """
    together = camera_folds([*training, *measuring], FOLDS)
    folds, folds_measured = together[: len(training)], together[len(training) :]
    grid = made.target.shape[1:]
    own = np.zeros((heads, len(training), *grid), np.float32)
    others = np.zeros((heads, len(measuring), *grid), np.float32)
    trained = []
    for fold in range(FOLDS):
        members = members_without(made, training, folds, fold, manners)
        trained.append(train_heads(made, members, training, top, SEED + 1 + fold, heads))
        for n, head in enumerate(trained[-1].heads):
            # The first variants are the pictures as they are.
            for logits, of, places in ((own, made, folds == fold), (others, measured, folds_measured == fold)):
                logits[n, places] = cell_logits(head, of, np.flatnonzero(places))
        print(f"fold {fold}: {len(members)} variants", flush=True)
    return trained, own, others, folds_measured


def across_cameras(training, measuring, own, others, top):
    """What the recipe is worth at cameras where it was not trained: the mean of all heads, and each seed alone."""
    pictures = [*training, *measuring]
    webcam = np.array([p.kind == "webcam" for p in pictures])
    shown = [p for p, yes in zip(pictures, webcam) if yes]
    cells = np.concatenate([own, others], 1)[:, webcam]
    seeds = [across.table(shown, picture_logits(c, top)) for c in cells]
    result = across.table(shown, picture_logits(cells.mean(0), top))
    result["seeds"] = [[s["pooled"][f][0] for s in seeds] for f in ("roc_auc", "ap", "recall_at_1pct_fp")]
    return result


def calibrated(pictures, unseen, target, weight, top):
    """Fits every calibration on logits of pictures that the network had not seen."""
    failed = np.array([p.failed for p in pictures], int)
    importance = group_weights(pictures).astype(np.float64)
    scores = picture_logits(unseen, top)
    picture_scale = calibrate.fit_platt(scores, failed, importance)
    cell_scale = calibrate.fit_cells(unseen, target, weight, importance)
    probabilities = _sigmoid(scores * picture_scale[0] + picture_scale[1])
    knots = calibrate.fit_p_map(probabilities, failed, importance)
    marked = np.array([bool(p.boxes) for p in pictures])
    cells = _sigmoid(unseen * cell_scale[0] + cell_scale[1])
    threshold, overlap = calibrate.cell_threshold(cells[marked], target[marked], weight[marked])
    good = np.array([p.kind == "webcam" and not p.failed for p in pictures])
    levels = calibrate.fit_levels(cells[good], [p.camera for p, yes in zip(pictures, good) if yes], top, knots)
    found = measure.figures(failed, probabilities, [p.group for p in pictures])
    p = calibrate.apply_p_map(knots, probabilities)
    found["normal_under_p_0.1"] = round(float(np.average(p[failed == 0] < 0.1, weights=importance[failed == 0])), 3)
    found["failed_over_p_1"] = round(float(np.average(p[failed == 1] >= 1, weights=importance[failed == 1])), 3)
    found["cell_overlap"] = round(overlap, 3)
    return cell_scale, picture_scale, knots, levels, threshold, found


def main():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, help="folder with index.csv, train/ and val/")
    parser.add_argument("--out", help="the ONNX file to write; figures go beside it as .json; without it, cameras are left out and that is all")
    parser.add_argument("--models", help="folder for the models of the folds, outside the repository")
    parser.add_argument("--work", default="/tmp/printvigil-train", help="folder for features, outside the repository")
    parser.add_argument("--trunk", choices=sorted(TRUNKS), default="lite0")
    parser.add_argument("--size", default="640x640", help="width x height of the model's input, multiples of 32")
    parser.add_argument("--manners", default=",".join(dict.fromkeys(MANNERS)), help="which variants train, to compare recipes")
    parser.add_argument("--heads", type=int, default=3, help="heads that are averaged")
    parser.add_argument("--fold-heads", type=int, default=1, help="heads of each fold of cameras")
    parser.add_argument("--threads", type=int, default=2, help="threads that compute features and measure")
    parser.add_argument("--torch-threads", type=int, default=1, help="one wins wherever other programs want the cores")
    options = parser.parse_args()
    warnings.filterwarnings("ignore", module="torch.onnx")
    started = time.time()
    torch.manual_seed(SEED)
    torch.set_num_threads(options.torch_threads)
    size = tuple(int(v) for v in options.size.split("x"))
    manners = options.manners.split(",")
    pictures = read_index(options.data)
    training = training_pictures(pictures)
    kept = set(training)
    measuring = [p for p in pictures if p not in kept]
    trunk = Trunk(options.trunk).eval()
    made = variants(trunk, training, size, MANNERS, SEED, options.threads, options.work)
    measured = variants(trunk, measuring, size, MANNERS[:1], SEED, options.threads, options.work, "measuring")
    top = top_cells(size)
    trained, own, others, folds_measured = left_out(made, training, measured, measuring, manners, top, options.fold_heads)
    result = {
        "trunk": options.trunk,
        "size": options.size,
        "manners": options.manners,
        "cameras_left_out": across_cameras(training, measuring, own, others, top),
    }
    if options.out:
        cell_scale, picture_scale, knots, levels, threshold, found = calibrated(
            training, own.mean(0), made.target[: len(training)], made.weight[: len(training)], top
        )
        failures = sum(p.failed for p in training)
        metadata = {
            "vigil.kind": "grid",
            "vigil.version": VERSION,
            "vigil.name": "Printvigil spaghetti " + VERSION,
            "vigil.p_map": knots,
            "vigil.levels": levels,
            "vigil.cell_threshold": threshold,
            "vigil.trained_on": TRAINED_ON.format(failed=failures, normal=len(training) - failures),
        }
        finish = lambda head: Shipped(trunk, head, top, cell_scale, picture_scale).eval()
        if options.models:
            _write_folds([finish(h) for h in trained], [*training, *measuring], size, Path(options.models), metadata)
        everyone = np.flatnonzero(np.isin(made.manner, manners))
        head = train_heads(made, everyone, training, top, SEED, options.heads)
        difference = ship(finish(head), size, options.out, metadata)
        result.update(
            {
                "minutes": round((time.time() - started) / 60, 1),
                "bytes": Path(options.out).stat().st_size,
                "largest_difference_to_torch": difference,
                "milliseconds_one_thread": measure.milliseconds(options.out),
                "p_map": knots,
                "levels": levels,
                "cell_threshold": threshold,
                "unseen_training_pictures": found,
                "val": measure.report(options.out, measuring_pictures(pictures), options.threads),
            }
        )
        Path(options.out).with_suffix(".json").write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))


def _write_folds(models, pictures, size, folder, metadata):
    """One file a fold, and which camera is judged by which."""
    folder.mkdir(parents=True, exist_ok=True)
    for fold, model in enumerate(models):
        ship(model, size, folder / f"fold-{fold}.onnx", metadata)
    folds = camera_folds(pictures, FOLDS)
    judges = {p.camera: f"fold-{fold}.onnx" for p, fold in zip(pictures, folds) if p.kind == "webcam"}
    (folder / "cameras.json").write_text(json.dumps(judges, indent=1) + "\n")


def _sigmoid(x):
    return 1 / (1 + np.exp(-np.asarray(x, np.float64)))


if __name__ == "__main__":
    main()
