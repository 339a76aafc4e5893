"""Computes once what never changes: the output of the frozen part of the trunk, for many variants of each picture.

The first blocks work on large maps and are the slow ones; what leaves them is small. So they run once a variant, in
ONNX Runtime, which is some five times as fast as torch on a small processor.
"""

import tempfile
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from .augment import augmented, cell_targets, plain
from .export import session, to_onnx
from .net import COARSE_CHANNELS, FINE_CHANNELS, STRIDE

FIRST_TRAINED_BLOCK = 11
EARLY_CHANNELS = 88


@dataclass
class Variants:
    """Many variants of pictures: `which[i]` is the position of variant i's picture in the list given.

    `early` is the output of the blocks before `FIRST_TRAINED_BLOCK`; `target` and `weight` are the cells' labels.
    The first variants, as many as pictures, are the pictures as they are.
    """

    early: np.ndarray
    target: np.ndarray
    weight: np.ndarray
    which: np.ndarray


@dataclass
class Grid:
    """The two feature maps that the head reads, for every variant."""

    fine: np.ndarray
    coarse: np.ndarray


def variants(trunk, pictures, size, copies, seed, threads, work, name="training"):
    """Makes `copies` variants of each picture, the first one unchanged; the others depend on `seed` alone.

    They are kept as a file in the folder `work` for the next run with the same name, size and number of copies.
    """
    width, height = size
    path = Path(work) / f"early-{name}-{width}x{height}-{copies}.npz"
    if path.exists():
        with np.load(path) as stored:
            return Variants(**{name: stored[name] for name in stored.files})
    backgrounds = [p for p in pictures if not p.failed]
    rows, columns = height // STRIDE, width // STRIDE
    run = _runner(_Early(trunk), torch.zeros(1, 3, height, width))
    jobs = [(i, c) for c in range(copies) for i in range(len(pictures))]

    def work_on(job):
        i, c = job
        if c == 0:
            pixels, boxes = plain(pictures[i], size)
        else:
            pixels, boxes = augmented(pictures[i], backgrounds, size, np.random.default_rng((seed, i, c)))
        image = np.ascontiguousarray(pixels.transpose(2, 0, 1)[None], np.float32)
        return run(image)[0][0].astype(np.float16), cell_targets(boxes, rows, columns)

    made = Variants(
        np.empty((len(jobs), EARLY_CHANNELS, rows, columns), np.float16),
        np.empty((len(jobs), rows, columns), np.float32),
        np.empty((len(jobs), rows, columns), np.float32),
        np.array([i for i, _ in jobs]),
    )
    for n, (early, (target, weight)) in enumerate(in_order(work_on, jobs, threads)):
        made.early[n], made.target[n], made.weight[n] = early, target, weight
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part.npz")
    np.savez(part, **made.__dict__)
    part.rename(path)
    return made


def grid(trunk, early, threads):
    """Runs the rest of the trunk, as it is, over the `early` output of variants."""
    _, _, rows, columns = early.shape
    run = _runner(_Late(trunk), torch.zeros(1, EARLY_CHANNELS, rows, columns))
    made = Grid(
        np.empty((len(early), FINE_CHANNELS, rows, columns), np.float16),
        np.empty((len(early), COARSE_CHANNELS, rows // 2, columns // 2), np.float16),
    )
    for n, (fine, coarse) in enumerate(in_order(lambda e: run(e[None].astype(np.float32)), early, threads)):
        made.fine[n], made.coarse[n] = fine[0], coarse[0]
    return made


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


class _Early(nn.Module):
    def __init__(self, trunk):
        super().__init__()
        self.trunk = trunk

    def forward(self, pixels):
        return self.trunk.early(pixels, FIRST_TRAINED_BLOCK)


class _Late(nn.Module):
    def __init__(self, trunk):
        super().__init__()
        self.trunk = trunk

    def forward(self, early):
        return self.trunk.late(early, FIRST_TRAINED_BLOCK)


def _runner(module, example):
    """The module as a function from one array to its outputs."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "part.onnx"
        to_onnx(module, example, path, ["x"], None)
        run = session(path, 1)
    return lambda x: run.run(None, {"x": x})
