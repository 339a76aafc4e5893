"""How small a failure may be for one look to notice it: `python -m train.widths --data DIR --model FILE.onnx`.

Chosen tangles are laid into a picture of each good print (see `tangles`), in every width, on the bed. A failure counts
as noticed where it scores higher than 1 % of the undoctored pictures of these prints. `--models DIR` has each camera
judged by the model that has never seen it; `--trained-on` leaves out cameras that a single model was trained on.
`--write` puts the smallest width that is noticed seven times in ten into the file, as `vigil.smallest`.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import onnx

from .export import session
from .features import in_order
from .measure import logit
from .pictures import judges_of, load, read_index, stretch
from .sequences import WIDTHS, bed_of, good_prints, prints_in_order
from .tangles import laid, tangles

SEED = 3
NOTICED = 0.7


def main():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, help="folder with index.csv, train/ and val/")
    parser.add_argument("--model", help="one ONNX file for all cameras")
    parser.add_argument("--models", help="folder with models of the folds")
    parser.add_argument("--trained-on", default="", help="cameras to leave out, by the beginning of their names")
    parser.add_argument("--each", type=int, default=2, help="tangles of each width in each print")
    parser.add_argument("--normal-each", type=int, default=12, help="undoctored pictures of each print, evenly over it")
    parser.add_argument("--write", help="the ONNX file to put the smallest noticed width into")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    pictures = read_index(options.data)
    cut = tangles([p for p in pictures if p.split == "val"])
    known = tuple(name for name in options.trained_on.split(",") if name)
    prints = {g: f for g, f in good_prints(prints_in_order(pictures)).items() if not (known and f[0].camera.startswith(known))}
    shots = list(_shots(prints, cut, options.each, options.normal_each))
    run = _judges(options.model, options.models)
    logits = logit(list(in_order(lambda shot: run(shot[0], shot[2]()), shots, options.threads)))
    table = rows([shot[0] for shot in shots], [shot[1] for shot in shots], logits)
    print(json.dumps(table, indent=1))
    if options.write and table["smallest"] is not None:
        model = onnx.load(options.write)
        onnx.helper.set_model_props(model, {**{e.key: e.value for e in model.metadata_props}, "vigil.smallest": str(table["smallest"])})
        onnx.save(model, options.write)


def rows(cameras, widths, logits):
    """Recall by width, with intervals over cameras; `widths` holds None for undoctored pictures."""
    cameras, wide = np.array(cameras), np.array([np.nan if w is None else w for w in widths])
    normal = np.sort(logits[np.isnan(wide)])[::-1]
    limit = normal[int(0.01 * len(normal))]
    found = {}
    for width in WIDTHS:
        mine = wide == width
        hit, of = logits[mine] > limit, cameras[mine]
        found[f"{width:.0%}"] = {"failed": int(mine.sum()), "recall": round(float(hit.mean()), 3), "interval": _interval(hit, of)}
    recalls = [found[f"{w:.0%}"]["recall"] for w in WIDTHS]
    smallest = next((w for n, w in enumerate(WIDTHS) if min(recalls[n:]) >= NOTICED), None)
    return {"normal": len(normal), "cameras": len(set(cameras)), "recall_by_width": found, "smallest": smallest}


def _shots(prints, cut, each, normal_each):
    """Yields (camera, width or None, make)."""
    for number, frames in enumerate(prints.values()):
        for n in np.unique(np.linspace(0, len(frames) - 1, normal_each).round().astype(int)):
            yield frames[0].camera, None, lambda p=frames[n]: load(p)
        for width in WIDTHS:
            for n in range(each):
                rng = np.random.default_rng((SEED, number, round(100 * width), n))
                x0, y0, x1, y1 = bed_of(frames[0].group)
                centre, tangle = (rng.uniform(x0, x1), rng.uniform(y0, y1)), cut[int(rng.integers(len(cut)))]
                picture = frames[int(rng.integers(len(frames)))]
                yield frames[0].camera, width, lambda p=picture, t=tangle, c=centre, w=width: laid(load(p), t, c, w)


def _judges(model, models):
    """A function from (camera, pixels) to the probability of failure."""
    judges = judges_of(models) if models else {}
    files = {name: session(Path(models) / name, 1) for name in set(judges.values())} if models else {None: session(model, 1)}

    def run(camera, pixels):
        judge = files[judges.get(camera)]
        _, _, height, width = judge.get_inputs()[0].shape
        image = np.ascontiguousarray(stretch(pixels, width, height).transpose(2, 0, 1)[None], np.float32)
        return float(judge.run(None, {"image": image})[1][0])

    return run


def _interval(hit, cameras, rounds=1000):
    names, rng = sorted(set(cameras)), np.random.default_rng(0)
    of = [hit[cameras == name] for name in names]
    drawn = [np.concatenate([of[i] for i in rng.integers(len(names), size=len(names))]).mean() for _ in range(rounds)]
    return [round(float(v), 2) for v in np.percentile(drawn, [2.5, 97.5])]


if __name__ == "__main__":
    main()
