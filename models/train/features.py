"""Runs the frozen trunk over many variants of the pictures once, so that heads train in seconds.

ONNX Runtime does this some five times as fast as torch on a small processor.
"""

import tempfile
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from .augment import augmented, cell_targets, plain
from .export import session, to_onnx
from .net import STRIDE


@dataclass
class Cached:
    """Features of many variants: `which[i]` is the position of variant i's picture in the list given."""

    fine: np.ndarray
    coarse: np.ndarray
    target: np.ndarray
    weight: np.ndarray
    which: np.ndarray


class TrunkRunner:
    """A trunk (or its early part) as an ONNX session."""

    def __init__(self, module, size, threads, outputs):
        width, height = size
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "part.onnx"
            to_onnx(module, torch.zeros(1, 3, height, width), path, ["image"], outputs)
            self.session = session(path, threads)

    def __call__(self, pixels):
        """Runs rows-first RGB bytes."""
        image = np.ascontiguousarray(pixels.transpose(2, 0, 1)[None], np.float32)
        return self.session.run(None, {"image": image})


def cache(trunk, pictures, size, copies, seed, threads, backgrounds=()):
    """Computes the features of `copies` variants of each picture; copy 0 is the picture as it is.

    `backgrounds` are the normal pictures that others are pasted onto. Variants depend on `seed` alone.
    """
    width, height = size
    run = TrunkRunner(trunk, size, 1, ["fine", "coarse"])
    jobs = [(i, c) for c in range(copies) for i in range(len(pictures))]

    def work(job):
        i, c = job
        if c == 0:
            pixels, boxes = plain(pictures[i], size)
        else:
            pixels, boxes = augmented(pictures[i], backgrounds, size, np.random.default_rng((seed, i, c)))
        return run(pixels), boxes

    rows, columns = height // STRIDE, width // STRIDE
    out = Cached(
        np.empty((len(jobs), 112, rows, columns), np.float16),
        np.empty((len(jobs), 320, rows // 2, columns // 2), np.float16),
        np.empty((len(jobs), rows, columns), np.float32),
        np.empty((len(jobs), rows, columns), np.float32),
        np.array([i for i, _ in jobs]),
    )
    for n, ((fine, coarse), boxes) in enumerate(in_order(work, jobs, threads)):
        out.fine[n], out.coarse[n] = fine[0], coarse[0]
        out.target[n], out.weight[n] = cell_targets(boxes, rows, columns)
    return out


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


def kept(path, make):
    """Returns what `make` computes, from the file `path` if an earlier run left it there."""
    path = Path(path)
    if path.exists():
        with np.load(path) as stored:
            return Cached(**{name: stored[name] for name in stored.files})
    made = make()
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part.npz")
    np.savez(part, **made.__dict__)
    part.rename(path)
    return made
