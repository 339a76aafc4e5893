"""Trains the trunk from block 6 on, together with the head.

The blocks before stay frozen, and their output is computed once for many variants: it is small, and they are the slow
ones. One fold of groups is kept out of the training to calibrate on.
"""

import copy
from pathlib import Path

import numpy as np
import torch
from torch import nn

from .augment import augmented, cell_targets, plain
from .features import TrunkRunner, in_order
from .heads import loss_of, top_cells, train_head
from .features import Cached
from .net import STRIDE, Trunk
from .pictures import fold_of, group_weights

FIRST_BLOCK = 6
EARLY_CHANNELS = 80
CALIBRATION_FOLDS, CALIBRATION_FOLD = 6, 0


class _Early(nn.Module):
    def __init__(self, trunk):
        super().__init__()
        self.trunk = trunk

    def forward(self, pixels):
        return self.trunk.early(pixels, FIRST_BLOCK)


def finetuned(pictures, size, work, copies, epochs, threads, seed):
    """Trains on all but one fold; returns the network's parts and the scores of the pictures of that fold."""
    trunk = Trunk().eval()
    early, target, weight, which = _early_features(trunk, pictures, size, copies, seed, threads, Path(work))
    out = np.array([fold_of(p.group, CALIBRATION_FOLDS) == CALIBRATION_FOLD for p in pictures])
    failed = np.array([p.failed for p in pictures], np.float32)
    importance = group_weights(pictures).astype(np.float64)
    top = top_cells(size)
    members = np.flatnonzero(~out[which])
    head = _warm_head(trunk, early, target, weight, which, failed, importance, top, seed, members)
    for block in trunk.blocks[:FIRST_BLOCK]:
        block.requires_grad_(False)
    trunk.stem.requires_grad_(False)
    trunk, head = _train(
        trunk, head, early, target, weight, which, failed, importance, top, seed, members, epochs * (~out).sum()
    )
    scored = np.flatnonzero(out)
    return trunk, head, scored, _scores(trunk, head, early, scored), target[scored], weight[scored]


def _early_features(trunk, pictures, size, copies, seed, threads, work):
    """The output of the frozen blocks for every variant, kept in `work` between runs."""
    width, height = size
    path = work / f"early-{width}x{height}-{copies}.npz"
    if path.exists():
        stored = np.load(path)
        return stored["early"], stored["target"], stored["weight"], stored["which"]
    run = TrunkRunner(_Early(trunk), size, 1, ["early"])
    backgrounds = [p for p in pictures if not p.failed]
    jobs = [(i, c) for c in range(copies) for i in range(len(pictures))]
    rows, columns = height // STRIDE, width // STRIDE

    def work_on(job):
        i, c = job
        if c == 0:
            pixels, boxes = plain(pictures[i], size)
        else:
            pixels, boxes = augmented(pictures[i], backgrounds, size, np.random.default_rng((seed, i, c)))
        return run(pixels)[0][0].astype(np.float16), cell_targets(boxes, rows, columns)

    early = np.empty((len(jobs), EARLY_CHANNELS, rows, columns), np.float16)
    target = np.empty((len(jobs), rows, columns), np.float32)
    weight = np.empty_like(target)
    for n, (features, (cells, known)) in enumerate(in_order(work_on, jobs, threads)):
        early[n], target[n], weight[n] = features, cells, known
    which = np.array([i for i, _ in jobs])
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path.with_suffix(".part.npz"), early=early, target=target, weight=weight, which=which)
    path.with_suffix(".part.npz").rename(path)
    return early, target, weight, which


def _warm_head(trunk, early, target, weight, which, failed, importance, top, seed, members):
    """A head trained on the trunk as it is, so that a random one does not spoil the trunk's first steps."""
    some = members[: min(len(members), 2 * len(failed))]
    fine, coarse = [], []
    with torch.no_grad():
        for start in range(0, len(some), 32):
            f, c = trunk.late(_tensor(early[some[start : start + 32]]), FIRST_BLOCK)
            fine.append(f.numpy().astype(np.float16))
            coarse.append(c.numpy().astype(np.float16))
    cached = Cached(np.concatenate(fine), np.concatenate(coarse), target[some], weight[some], which[some])
    return train_head(cached, failed, importance.copy(), top, seed, epochs=3)


def _train(trunk, head, early, target, weight, which, failed, importance, top, seed, members, pictures_seen):
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    batch = 16
    steps = max(1, int(pictures_seen) // batch)
    trained = [p for p in trunk.parameters() if p.requires_grad]
    rates = [2e-4, 1e-3]
    optimizer = torch.optim.AdamW(
        [{"params": trained, "lr": rates[0]}, {"params": head.parameters(), "lr": rates[1]}], weight_decay=0.02
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rates, total_steps=steps, pct_start=0.1)
    average = copy.deepcopy((trunk, head))
    chances = importance[which[members]].copy()
    side = failed[which[members]]
    for value in (0, 1):
        chances[side == value] /= chances[side == value].sum() * 2
    # Batch-norm keeps its ImageNet statistics: batches of sixteen would only blur them.
    trunk.eval()
    head.train()
    for step in range(steps):
        pick = rng.choice(members, batch, p=chances)
        cells = head(*trunk.late(_tensor(early[pick]), FIRST_BLOCK))
        loss = loss_of(
            cells,
            _tensor(target[pick]),
            _tensor(weight[pick]),
            _tensor(failed[which[pick]]),
            torch.ones(batch),
            top,
        )
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 5.0)
        optimizer.step()
        schedule.step()
        keep = min(0.99, (step + 1) / (step + 10))
        with torch.no_grad():
            for mine, theirs in zip((*average[0].parameters(), *average[1].parameters()), (*trunk.parameters(), *head.parameters())):
                mine.lerp_(theirs, 1 - keep)
        if step % 25 == 0:
            print(f"step {step} of {steps}: loss {loss.item():.3f}", flush=True)
    return average[0].eval(), average[1].eval()


def _scores(trunk, head, early, members):
    out = []
    with torch.no_grad():
        for start in range(0, len(members), 32):
            out.append(head(*trunk.late(_tensor(early[members[start : start + 32]]), FIRST_BLOCK)).numpy())
    return np.concatenate(out)


def _tensor(array):
    return torch.from_numpy(np.ascontiguousarray(array, dtype=np.float32))
