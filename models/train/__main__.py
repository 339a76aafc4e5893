"""From pictures to a measured ONNX file: `python -m train --data DIR --out FILE.onnx`.

Stage `frozen` trains the grid head on a frozen trunk in minutes. Stage `finetune` goes on from there and trains the
trunk from block 11 on. Both calibrate on training pictures that the scored network has not seen.
"""

import argparse
import json
import time
import warnings
from pathlib import Path

import numpy as np
import torch

from . import calibrate, measure
from .export import ship
from .features import Grid, grid, variants
from .finetune import finetuned
from .heads import cell_logits, picture_logits, top_cells, train_heads
from .net import Shipped, Trunk
from .pictures import fold_of, group_weights, measuring_pictures, read_index, training_pictures

FOLDS = 4
SEED = 1
HEADS, HEADS_OF_A_FOLD = 4, 2
VERSION = {"frozen": "1.3.0", "finetune": "1.3.0-finetuned"}
TRAINED_ON = "{failed} failed and {normal} normal pictures of 3D prints, licence tiers A and B; see models/README.md"


def frozen(pictures, made, size, threads):
    """Trains heads on the trunk as it is: one on all groups to ship, and one without each fold to score that fold.

    Returns the trunk, the head, the positions of the scored pictures (all), and the logits of their cells.
    """
    trunk = Trunk().eval()
    maps = grid(trunk, made.early, threads)
    top = top_cells(size)
    everyone = np.arange(len(made.which))
    folds = np.array([fold_of(p.group, FOLDS) for p in pictures])
    unseen = np.zeros((len(pictures), *made.target.shape[1:]), np.float32)
    for fold in range(FOLDS):
        members = np.flatnonzero(folds[made.which] != fold)
        some = Grid(maps.fine[members], maps.coarse[members])
        head = train_heads(some, made, members, pictures, top, SEED + 1 + fold, HEADS_OF_A_FOLD)
        out = np.flatnonzero(folds == fold)
        unseen[out] = cell_logits(head, maps, out)
    return trunk, train_heads(maps, made, everyone, pictures, top, SEED, HEADS), np.arange(len(pictures)), unseen


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
    found = measure.figures(failed, probabilities, [p.group for p in pictures])
    p = calibrate.apply_p_map(knots, probabilities)
    found["normal_under_p_0.1"] = round(float(np.average(p[failed == 0] < 0.1, weights=importance[failed == 0])), 3)
    found["failed_over_p_1"] = round(float(np.average(p[failed == 1] >= 1, weights=importance[failed == 1])), 3)
    found["cell_overlap"] = round(overlap, 3)
    return cell_scale, picture_scale, knots, threshold, found


def main():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, help="folder with index.csv, train/ and val/")
    parser.add_argument("--out", required=True, help="the ONNX file to write; figures go beside it as .json")
    parser.add_argument("--work", default="/tmp/printvigil-train", help="folder for features, outside the repository")
    parser.add_argument("--stage", choices=("frozen", "finetune"), default="frozen")
    parser.add_argument("--size", default="448x448", help="width x height of the model's input, multiples of 32")
    parser.add_argument("--copies", type=int, default=5, help="variants of each picture, the first one unchanged")
    parser.add_argument("--epochs", type=float, default=4, help="passes over the pictures when fine-tuning")
    parser.add_argument("--threads", type=int, default=2, help="threads that compute features and measure")
    parser.add_argument("--torch-threads", type=int, default=1, help="one wins wherever other programs want the cores")
    options = parser.parse_args()
    warnings.filterwarnings("ignore", module="torch.onnx")
    started = time.time()
    torch.manual_seed(SEED)
    torch.set_num_threads(options.torch_threads)
    size = tuple(int(v) for v in options.size.split("x"))
    pictures = read_index(options.data)
    training = training_pictures(pictures)
    made = variants(Trunk().eval(), training, size, options.copies, SEED, options.threads, options.work)
    if options.stage == "frozen":
        trunk, head, scored, unseen = frozen(training, made, size, options.threads)
    else:
        trunk, head, scored, unseen = finetuned(training, made, size, options.epochs, options.threads, SEED)
    top = top_cells(size)
    cell_scale, picture_scale, knots, threshold, found = calibrated(
        [training[i] for i in scored], unseen, made.target[scored], made.weight[scored], top
    )
    failures = sum(p.failed for p in training)
    metadata = {
        "vigil.kind": "grid",
        "vigil.version": VERSION[options.stage],
        "vigil.name": "Printvigil spaghetti " + VERSION[options.stage],
        "vigil.p_map": knots,
        "vigil.cell_threshold": threshold,
        "vigil.trained_on": TRAINED_ON.format(failed=failures, normal=len(training) - failures),
    }
    shipped = Shipped(trunk, head, top, cell_scale, picture_scale).eval()
    difference = ship(shipped, size, options.out, metadata)
    result = {
        "stage": options.stage,
        "size": options.size,
        "minutes": round((time.time() - started) / 60, 1),
        "bytes": Path(options.out).stat().st_size,
        "largest_difference_to_torch": difference,
        "milliseconds_one_thread": measure.milliseconds(options.out),
        "p_map": knots,
        "cell_threshold": threshold,
        "unseen_training_pictures": found,
        "val": measure.report(options.out, measuring_pictures(pictures), options.threads),
    }
    Path(options.out).with_suffix(".json").write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))


def _sigmoid(x):
    return 1 / (1 + np.exp(-np.asarray(x, np.float64)))


if __name__ == "__main__":
    main()
