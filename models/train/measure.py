"""Measures a finished model file on pictures it has never seen, by kind of picture, with intervals over groups.

Run alone: `python -m train.measure --data DIR --model FILE.onnx [--sheet FILE.jpg]`.
"""

import argparse
import json
import time

import numpy as np
from sklearn.metrics import average_precision_score, roc_auc_score

from .calibrate import apply_p_map
from .export import session
from .features import in_order
from .pictures import load, measuring_pictures, read_index, stretch
from .worst import listed, sheet

QUIET_P, CLEAR_P = 0.1, 1.0


def scores_of(model, pictures, threads=2):
    """Returns (cells, probability) of each picture from the ONNX file, run as the application runs it."""
    run = session(model, 1)
    _, _, height, width = run.get_inputs()[0].shape

    def look(picture):
        pixels = stretch(load(picture), width, height).transpose(2, 0, 1)[None]
        cells, probability = run.run(None, {"image": np.ascontiguousarray(pixels, np.float32)})
        return cells[0], float(probability[0])

    cells, probabilities = zip(*in_order(look, pictures, threads))
    return np.stack(cells), np.array(probabilities)


def figures(failed, probabilities, groups, rounds=400):
    """ROC-AUC, average precision and recall at 1 % false positives, each with a 95 % interval over groups."""
    failed, groups = np.asarray(failed), np.asarray(groups)
    names = np.unique(groups)
    members = {g: np.flatnonzero(groups == g) for g in names}
    rng = np.random.default_rng(0)
    drawn = []
    for _ in range(rounds):
        pick = np.concatenate([members[g] for g in rng.choice(names, len(names))])
        if 0 < failed[pick].sum() < len(pick):
            drawn.append(_three(failed[pick], probabilities[pick]))
    low, high = np.percentile(np.array(drawn), [2.5, 97.5], axis=0)
    return {
        name: [round(float(v), 3) for v in (value, a, b)]
        for name, value, a, b in zip(("roc_auc", "ap", "recall_at_1pct_fp"), _three(failed, probabilities), low, high)
    }


def report(model, pictures, threads=2, sheet_path=None):
    """Measures `model` and returns a table by kind of picture as plain data; draws the worst ones to `sheet_path`."""
    cells, probabilities = scores_of(model, pictures, threads)
    metadata = session(model, 1).get_modelmeta().custom_metadata_map
    knots, threshold = json.loads(metadata["vigil.p_map"]), float(metadata["vigil.cell_threshold"])
    p = apply_p_map(knots, probabilities)
    failed = np.array([x.failed for x in pictures], float)
    groups = np.array([x.group for x in pictures])
    kinds = {
        "all": np.ones(len(pictures), bool),
        "photo": np.array([x.kind == "photo" for x in pictures]),
        "webcam": np.array([x.kind == "webcam" for x in pictures]),
        "tiers A and B": np.array([x.tier in ("A", "B") for x in pictures]),
    }
    cameras = sorted({x.camera for x in pictures if x.kind == "webcam"})
    kinds.update({f"webcam {c}": np.array([x.camera == c for x in pictures]) for c in cameras})
    table = {}
    for name, member in kinds.items():
        if not 0 < failed[member].sum() < member.sum():
            continue
        row = {"failed": int(failed[member].sum()), "normal": int((1 - failed)[member].sum())}
        row.update(figures(failed[member], probabilities[member], groups[member]))
        table[name] = {**row, **_p_shares(p[member], failed[member])}
    beds = np.array([x.camera == "emptydeck" for x in pictures])
    table["webcam emptydeck, normal only"] = {"normal": int(beds.sum()), **_p_shares(p[beds], failed[beds])}
    marked = [i for i, x in enumerate(pictures) if x.failed and x.boxes]
    table["hottest_cell_in_a_true_box"] = round(float(np.mean([_hits(cells[i], pictures[i].boxes) for i in marked])), 3)
    overlaps = np.array([_overlap(cells[i], pictures[i].boxes, threshold) for i in marked])
    table["union_box_iou_over_0.5"] = round(float((overlaps > 0.5).mean()), 3)
    table.update(listed(pictures, cells, p))
    if sheet_path:
        sheet(sheet_path, pictures, cells, p, threshold)
    return table


def milliseconds(model, rounds=30):
    """Median processor time of one picture on one thread: the clock on the wall would count what else the machine does."""
    run = session(model, 1)
    image = np.zeros([1, *run.get_inputs()[0].shape[1:]], np.float32)
    times = []
    for _ in range(rounds):
        start = time.process_time()
        run.run(None, {"image": image})
        times.append(time.process_time() - start)
    return round(float(np.median(times)) * 1000, 1)


def _p_shares(p, failed):
    shares = {}
    if (failed < 0.5).any():
        shares["normal_under_p_0.1"] = round(float((p[failed < 0.5] < QUIET_P).mean()), 3)
        shares["normal_under_p_0.38"] = round(float((p[failed < 0.5] < 0.38).mean()), 3)
    if (failed > 0.5).any():
        shares["failed_over_p_0.5"] = round(float((p[failed > 0.5] > 0.5).mean()), 3)
        shares["failed_over_p_1"] = round(float((p[failed > 0.5] >= CLEAR_P).mean()), 3)
    return shares


def logit(probabilities):
    """The score before the logistic curve, where differences keep their meaning near 0 and 1."""
    p = np.clip(np.asarray(probabilities, np.float64), 1e-6, 1 - 1e-6)
    return np.log(p / (1 - p))


def recall_limit(failed, scores):
    """The score that 1 % of the normal pictures reach."""
    normal = np.sort(scores[failed < 0.5])[::-1]
    return normal[int(0.01 * len(normal))]


def _three(failed, scores):
    recall = (scores[failed > 0.5] > recall_limit(failed, scores)).mean()
    return roc_auc_score(failed, scores), average_precision_score(failed, scores), recall


def _hits(cells, boxes):
    row, column = np.unravel_index(cells.argmax(), cells.shape)
    y, x = (row + 0.5) / cells.shape[0], (column + 0.5) / cells.shape[1]
    return any(x0 <= x <= x1 and y0 <= y <= y1 for x0, y0, x1, y1 in boxes)


def _overlap(cells, boxes, threshold):
    """Intersection over union of the one box round all hot cells and the one box round all marked boxes."""
    rows, columns = np.nonzero(cells >= threshold)
    if not len(rows):
        return 0.0
    high, wide = cells.shape
    drawn = columns.min() / wide, rows.min() / high, (columns.max() + 1) / wide, (rows.max() + 1) / high
    true = [min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes)]
    both = max(0, min(drawn[2], true[2]) - max(drawn[0], true[0])) * max(
        0, min(drawn[3], true[3]) - max(drawn[1], true[1])
    )
    areas = [(b[2] - b[0]) * (b[3] - b[1]) for b in (drawn, true)]
    return both / (sum(areas) - both)


def main():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, help="folder with index.csv, train/ and val/")
    parser.add_argument("--model", required=True, help="the ONNX file")
    parser.add_argument("--sheet", help="a contact sheet of the worst pictures (.jpg), outside the repository")
    options = parser.parse_args()
    table = report(options.model, measuring_pictures(read_index(options.data)), sheet_path=options.sheet)
    print(json.dumps(table, indent=1))
    print(f"{milliseconds(options.model)} ms a picture on one thread")


if __name__ == "__main__":
    main()
