"""Trains the grid head, alone on cached features or as one part of the network: losses, epochs, scores."""

import numpy as np
import torch
from torch.nn import functional

from .net import Head, picture_logit

TOP_SHARE = 0.03
"""Share of the cells whose mean is the picture's score."""


def top_cells(size):
    """How many of the hottest cells make the picture's score."""
    width, height = size
    return max(4, round(TOP_SHARE * (width // 16) * (height // 16)))


def loss_of(cells, target, weight, failed, importance, top):
    """Focal loss on the cells plus cross-entropy on the picture, each picture weighed by `importance`."""
    plain = functional.binary_cross_entropy_with_logits(cells, target, reduction="none")
    chance = torch.sigmoid(cells)
    wrong = torch.where(target > 0.5, 1 - chance, chance)
    focal = plain * wrong**1.5 * torch.where(target > 0.5, 1.5, 1.0) * weight
    # Divided by the marked cells where there are any, so that a small tangle counts as much as a large one.
    share = 0.5 * weight.sum((1, 2)).clamp(min=1) * 0.35 + target.sum((1, 2)).clamp(min=20) * 0.5
    of_cells = focal.sum((1, 2)) / share
    soft = failed * 0.97 + (1 - failed) * 0.02
    of_picture = functional.binary_cross_entropy_with_logits(picture_logit(cells, top), soft, reduction="none")
    return ((of_cells + 0.5 * of_picture) * importance).sum() / importance.sum()


def train_head(cached, failed, importance, top, seed, epochs=2, batch=32, rate=3e-3, members=None):
    """Trains a head on cached features. `failed` and `importance` are per picture; `members` limits the variants."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    head = Head()
    members = np.arange(len(cached.which)) if members is None else np.asarray(members)
    optimizer = torch.optim.AdamW(head.parameters(), lr=rate, weight_decay=0.02)
    chances = importance[cached.which[members]]
    # Failures and normals in equal parts, groups of near-alike frames drawn less often.
    side = failed[cached.which[members]]
    for value in (0, 1):
        chances[side == value] /= chances[side == value].sum() * 2
    steps = max(1, int(epochs * len(members)) // batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=steps, pct_start=0.15)
    head.train()
    for _ in range(steps):
        pick = rng.choice(members, batch, p=chances)
        cells = head(_tensor(cached.fine[pick]), _tensor(cached.coarse[pick]))
        loss = loss_of(
            cells,
            _tensor(cached.target[pick]),
            _tensor(cached.weight[pick]),
            _tensor(failed[cached.which[pick]]),
            torch.ones(batch),
            top,
        )
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(head.parameters(), 5.0)
        optimizer.step()
        schedule.step()
    return head.eval()


def cell_logits(head, cached, members=None):
    """The head's logits of every cell of the given variants."""
    members = np.arange(len(cached.which)) if members is None else np.asarray(members)
    out = []
    with torch.no_grad():
        for start in range(0, len(members), 64):
            pick = members[start : start + 64]
            out.append(head(_tensor(cached.fine[pick]), _tensor(cached.coarse[pick])).numpy())
    return np.concatenate(out)


def picture_logits(cells, top):
    """The same score as in the network, for logits in numpy."""
    flat = np.sort(cells.reshape(len(cells), -1), 1)
    return flat[:, -top:].mean(1)


def _tensor(array):
    return torch.from_numpy(np.ascontiguousarray(array, dtype=np.float32))
