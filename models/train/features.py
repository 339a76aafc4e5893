"""Computes once what never changes: the features of the frozen trunk, for many variants of each picture.

The trunk is the slow part, and what leaves it is small. So it runs once a variant, in ONNX Runtime, which is some five
times as fast as torch on a small processor; heads are then trained on the features in a minute or two.
"""

import json
import tempfile
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from .augment import cell_targets, made_of
from .export import session, to_onnx
from .net import STRIDE


@dataclass
class Variants:
    """Many variants of pictures: `which[i]` is the position of variant i's picture in the list given.

    `fine` and `coarse` are the trunk's features; `target` and `weight` are the cells' labels. `manner` says how a
    variant was made (see `augment.MANNERS`), `shows` which pictures are in it: the picture and, or -1, what was
    pasted under or onto it. The first variants, as many as pictures, are the pictures as they are.
    """

    fine: np.ndarray
    coarse: np.ndarray
    target: np.ndarray
    weight: np.ndarray
    which: np.ndarray
    manner: np.ndarray
    shows: np.ndarray


def variants(trunk, pictures, size, manners, seed, threads, work, name="training"):
    """Makes one variant of each picture in each of `manners`, the first of which is "plain"; they depend on `seed` alone.

    They are kept in a folder under `work` for the next run that wants the same pictures in the same manners.
    """
    width, height = size
    folder = Path(work) / f"{name}-{trunk.kind.name}-{width}x{height}"
    told = json.dumps({"seed": seed, "manners": list(manners), "files": [p.file for p in pictures]})
    if (folder / "made.json").exists() and (folder / "made.json").read_text() == told:
        return _stored(folder)
    folder.mkdir(parents=True, exist_ok=True)
    rows, columns = height // STRIDE, width // STRIDE
    run = _runner(trunk, torch.zeros(1, 3, height, width))
    jobs = [(i, c) for c in range(len(manners)) for i in range(len(pictures))]

    def work_on(job):
        i, c = job
        pixels, boxes, other = made_of(pictures, i, manners[c], size, np.random.default_rng((seed, i, c)))
        image = np.ascontiguousarray(pixels.transpose(2, 0, 1)[None], np.float32)
        fine, coarse = run(image)
        return fine[0], coarse[0], *cell_targets(boxes, rows, columns), (i, other)

    shapes = {
        "fine": ((trunk.kind.fine, rows, columns), np.float16),
        "coarse": ((trunk.kind.coarse, rows // 2, columns // 2), np.float16),
        "target": ((rows, columns), np.float32),
        "weight": ((rows, columns), np.float32),
        "shows": ((2,), np.int32),
    }
    made = {
        part: np.lib.format.open_memmap(folder / f"{part}.npy", "w+", kind, (len(jobs), *shape))
        for part, (shape, kind) in shapes.items()
    }
    for n, row in enumerate(in_order(work_on, jobs, threads)):
        for part, value in zip(("fine", "coarse", "target", "weight", "shows"), row):
            made[part][n] = value
        if n % 1000 == 0:
            print(f"{name}: {n} of {len(jobs)} variants", flush=True)
    np.save(folder / "which.npy", np.array([i for i, _ in jobs]))
    np.save(folder / "manner.npy", np.array([manners[c] for _, c in jobs]))
    for part in made.values():
        part.flush()
    (folder / "made.json").write_text(told)
    return _stored(folder)


def _stored(folder):
    read = {f: np.load(folder / f"{f}.npy", mmap_mode="r" if f in ("fine", "coarse") else None) for f in Variants.__annotations__}
    return Variants(**read)


def in_order(work, jobs, threads):
    """Yields work(job) for each job in order, computed on `threads` threads, at most a few ahead."""
    with ThreadPoolExecutor(threads) as pool:
        waiting = deque()
        for job in jobs:
            waiting.append(pool.submit(work, job))
            if len(waiting) > 4 * threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _runner(trunk, example):
    """The trunk as a function from pixels to its two feature maps."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trunk.onnx"
        to_onnx(trunk, example, path, ["x"], None)
        run = session(path, 1)
    return lambda x: run.run(None, {"x": x})
