"""Trains the trunk from block 11 on, together with the head.

The blocks before stay frozen, and their output comes ready-made. One fold of groups is kept out of the training, to
calibrate on.
"""

import copy

import numpy as np
import torch

from .features import FIRST_TRAINED_BLOCK, grid
from .heads import drawing_chances, loss_of, tensor, top_cells, train_head
from .net import Trunk
from .pictures import fold_of

CALIBRATION_FOLDS, CALIBRATION_FOLD = 6, 0
BATCH = 16
TRUNK_RATE, HEAD_RATE = 1e-4, 1e-3


def finetuned(pictures, made, size, epochs, threads, seed):
    """Trains on the variants `made` of all but one fold, each picture `epochs` times.

    Returns the trunk, the head, the positions of the pictures of that fold, and the logits of their cells.
    """
    trunk = Trunk().eval()
    out = np.array([fold_of(p.group, CALIBRATION_FOLDS) == CALIBRATION_FOLD for p in pictures])
    members = np.flatnonzero(~out[made.which])
    chances = drawing_chances(pictures, made.which[members])
    # A head trained on the trunk as it is: a random one would spoil the trunk's first steps.
    some = members[: 2 * int((~out).sum())]
    maps = grid(trunk, made.early[some], threads)
    head = train_head(maps, made, some, pictures, top_cells(size), seed)
    trunk, head = _train(trunk, head, made, pictures, members, chances, size, int(epochs * (~out).sum()), seed)
    scored = np.flatnonzero(out)
    return trunk, head, scored, _scores(trunk, head, made.early[scored])


def _train(trunk, head, made, pictures, members, chances, size, drawn, seed):
    """Draws `drawn` variants in batches; returns the running average of the weights, which is the better network."""
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    steps = max(1, drawn // BATCH)
    failed = np.array([p.failed for p in pictures], np.float32)
    top = top_cells(size)
    trunk.stem.requires_grad_(False)
    for block in trunk.blocks[:FIRST_TRAINED_BLOCK]:
        block.requires_grad_(False)
    # Channels last is a third faster on a processor.
    trunk, head = trunk.to(memory_format=torch.channels_last), head.to(memory_format=torch.channels_last)
    head.train()
    average = copy.deepcopy((trunk, head))
    trained = [p for p in trunk.parameters() if p.requires_grad]
    rates = [TRUNK_RATE, HEAD_RATE]
    optimizer = torch.optim.AdamW([{"params": trained}, {"params": head.parameters()}], lr=HEAD_RATE, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rates, total_steps=steps, pct_start=0.15)
    for step in range(steps):
        pick = rng.choice(members, BATCH, p=chances)
        early = tensor(made.early[pick]).contiguous(memory_format=torch.channels_last)
        cells = head(*trunk.late(early, FIRST_TRAINED_BLOCK))
        labels = tensor(made.target[pick]), tensor(made.weight[pick]), tensor(failed[made.which[pick]])
        loss = loss_of(cells, *labels, top)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 5.0)
        optimizer.step()
        schedule.step()
        keep = min(0.97, (step + 1) / (step + 10))
        with torch.no_grad():
            for kept, new in zip(average, (trunk, head)):
                for mine, theirs in zip(kept.parameters(), new.parameters()):
                    mine.lerp_(theirs, 1 - keep)
        if step % 10 == 0:
            print(f"step {step} of {steps}: loss {loss.item():.3f}", flush=True)
    return tuple(part.to(memory_format=torch.contiguous_format).eval() for part in average)


def _scores(trunk, head, early):
    out = []
    with torch.no_grad():
        for start in range(0, len(early), 16):
            out.append(head(*trunk.late(tensor(early[start : start + 16]), FIRST_TRAINED_BLOCK)).numpy())
    return np.concatenate(out)
