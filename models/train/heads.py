"""Trains the grid head on ready-made feature maps: which variants are drawn, the losses, the scores."""

import numpy as np
import torch
from torch.nn import functional

from .net import Head, Heads, picture_logit
from .pictures import group_weights

TOP_SHARE = 0.015
"""Share of the cells whose mean is the picture's score: small, because a tangle is small to a webcam."""
BATCH = 32
RATE = 3e-3
STEPS = 250
"""Batches that a head is trained on: about two passes over the pictures, each time in another variant."""


def top_cells(size):
    """How many of the hottest cells make the picture's score."""
    width, height = size
    return max(4, round(TOP_SHARE * (width // 16) * (height // 16)))


def drawing_chances(pictures, which):
    """How often each variant is drawn: failures and normals alike, near-alike frames of a group or camera less often."""
    chances = group_weights(pictures).astype(np.float64)[which]
    failed = np.array([p.failed for p in pictures])[which]
    for side in (failed, ~failed):
        chances[side] /= chances[side].sum() * 2
    return chances / chances.sum()


def loss_of(cells, target, weight, failed, top):
    """Focal loss on the cells plus cross-entropy on the picture, so that failures without boxes count as well."""
    plain = functional.binary_cross_entropy_with_logits(cells, target, reduction="none")
    chance = torch.sigmoid(cells)
    wrong = torch.where(target > 0.5, 1 - chance, chance)
    focal = plain * wrong**1.5 * torch.where(target > 0.5, 1.5, 1.0) * weight
    # Divided by the marked cells where there are any, so that a small tangle counts as much as a large one.
    share = 0.175 * weight.sum((1, 2)).clamp(min=1) + 0.5 * target.sum((1, 2)).clamp(min=20)
    of_cells = focal.sum((1, 2)) / share
    soft = failed * 0.97 + (1 - failed) * 0.02
    of_picture = functional.binary_cross_entropy_with_logits(picture_logit(cells, top), soft, reduction="none")
    return (of_cells + 0.5 * of_picture).mean()


def train_heads(made, members, pictures, top, seed, count):
    """Trains `count` heads of different seeds and averages them."""
    seeds = [100 * seed + n for n in range(count)]
    return Heads([train_head(made, members, pictures, top, s) for s in seeds]).eval()


def train_head(made, members, pictures, top, seed, steps=STEPS):
    """Trains a head on the variants `members` of `made`, made of `pictures`."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    # Channels last is a fifth faster on a processor.
    head = Head(made.fine.shape[1], made.coarse.shape[1]).to(memory_format=torch.channels_last)
    failed = np.array([p.failed for p in pictures], np.float32)
    chances = drawing_chances(pictures, made.which[members])
    optimizer = torch.optim.AdamW(head.parameters(), lr=RATE, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps, pct_start=0.15)
    head.train()
    for _ in range(steps):
        pick = np.sort(rng.choice(members, BATCH, p=chances))
        cells = head(*_features(made, pick))
        labels = tensor(made.target[pick]), tensor(made.weight[pick]), tensor(failed[made.which[pick]])
        loss = loss_of(cells, *labels, top)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(head.parameters(), 5.0)
        optimizer.step()
        schedule.step()
    return head.to(memory_format=torch.contiguous_format).eval()


def cell_logits(head, made, places):
    """The head's logits of every cell, of the variants at `places`."""
    out = []
    with torch.no_grad():
        for start in range(0, len(places), 32):
            out.append(head(*_features(made, places[start : start + 32])).numpy())
    return np.concatenate(out)


def _features(made, pick):
    last = torch.channels_last
    return (tensor(made.fine[pick]).contiguous(memory_format=last), tensor(made.coarse[pick]).contiguous(memory_format=last))


def picture_logits(cells, top):
    """The same score as in the network, for logits in numpy."""
    flat = np.sort(cells.reshape(len(cells), -1), 1)
    return flat[:, -top:].mean(1)


def tensor(array):
    """A float32 tensor of any array."""
    return torch.from_numpy(np.ascontiguousarray(array, dtype=np.float32))
