"""Leave one source out: how well does the recipe do on a source that shaped nothing?

`python -m train.sources --data DIR`. For each training source a head is trained on the other sources alone (on the
frozen trunk, the same recipe). It then scores that source's pictures, training and measuring ones, and the measuring
pictures of all other sources. A source's failures are set against the normals of the *other* measuring pictures, its
normals against the failures of those, because most sources hold only one of the two; where it holds both, they are set
against each other too. Photos that two sources share by their origin (kapis, prottos) leave together.
"""

import argparse
import json
import warnings

import numpy as np
import torch
from sklearn.metrics import roc_auc_score

from .features import Grid, grid, variants
from .heads import cell_logits, picture_logits, top_cells, train_head
from .net import Trunk
from .pictures import measuring_pictures, read_index, training_pictures

SOURCES = (("kapis", "prottos"), ("p3rf",), ("yeets",), ("emptydeck",), ("fdmkim",), ("hiltes", "mshoen", "borb", "fdmnoz"))
SEED = 1


def without(names, maps, made, training, measuring, measured, size, seed=SEED):
    """One row of the table: a head trained without `names`, judged by them."""
    top = top_cells(size)
    own_source = np.array([p.source_name in names for p in training])
    members = np.flatnonzero(~own_source[made.which])
    head = train_head(Grid(maps.fine[members], maps.coarse[members]), made, members, training, top, seed)
    # The first variants are the pictures as they are.
    held = np.flatnonzero(own_source)
    held_scores = picture_logits(cell_logits(head, maps, held), top)
    scores = picture_logits(cell_logits(head, measured, np.arange(len(measuring))), top)
    own = np.array([p.source_name in names for p in measuring])
    failed = np.array([p.failed for p in measuring])
    webcam = np.array([p.kind == "webcam" for p in measuring])
    held_failed = np.array([training[i].failed for i in held])
    own_failed = np.concatenate([held_scores[held_failed], scores[own & failed]])
    own_normal = np.concatenate([held_scores[~held_failed], scores[own & ~failed]])
    return {
        "without": "+".join(names),
        "failed": len(own_failed),
        "normal": len(own_normal),
        "its_failures_against_other_normals": _auc(own_failed, scores[~own & ~failed]),
        "its_normals_against_other_failures": _auc(scores[~own & failed], own_normal),
        "its_own": _auc(own_failed, own_normal),
        "webcams": _auc(scores[webcam & failed], scores[webcam & ~failed]),
    }


def _auc(high, low):
    if not len(high) or not len(low):
        return None
    return round(float(roc_auc_score([1] * len(high) + [0] * len(low), np.concatenate([high, low]))), 3)


def table(training, measuring, made, size, threads, work):
    """All rows, and their mean."""
    trunk = Trunk().eval()
    maps = grid(trunk, made.early, threads)
    measured = grid(trunk, variants(trunk, measuring, size, 1, SEED, threads, work, "measuring").early, threads)
    rows = [without(names, maps, made, training, measuring, measured, size) for names in SOURCES]
    columns = [c for c in rows[0] if c not in ("without", "failed", "normal")]
    means = {c: round(float(np.mean([r[c] for r in rows if r[c] is not None])), 3) for c in columns}
    return [*rows, {"without": "mean", **means}]


def main():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, help="folder with index.csv, train/ and val/")
    parser.add_argument("--work", default="/tmp/printvigil-train", help="folder for features, outside the repository")
    parser.add_argument("--copies", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    warnings.filterwarnings("ignore", module="torch.onnx")
    torch.set_num_threads(options.threads)
    size = (448, 448)
    pictures = read_index(options.data)
    training, measuring = training_pictures(pictures), measuring_pictures(pictures)
    made = variants(Trunk().eval(), training, size, options.copies, SEED, options.threads, options.work)
    for row in table(training, measuring, made, size, options.threads, options.work):
        print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
