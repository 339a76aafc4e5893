"""Turns raw scores into numbers that mean something: calibrated probabilities, and the rule's input p.

Everything here is fitted on training pictures that the scored head has not seen (out of fold, by group).
"""

import numpy as np
from sklearn.linear_model import LogisticRegression

from .heads import picture_logits

GOOD_SHARE = 0.97
"""Share of normal training pictures that must stay under `QUIET_P`."""
QUIET_P = 0.1
STIRS_P = 0.35
"""Below this p the rule never stirs."""
CALM_SHARE = 0.99
"""Share of the good pictures of a camera that stay under `STIRS_P` once what is usual there is taken off."""
SHIFTS = (-1.0, 1.5)
"""How far the rule shifts the level of a camera at most, in logits."""
LEAST_CELL = 0.002
"""The rule takes a cell's probability for no less than this away from 0 and 1."""
ENOUGH_NORMAL = 8
"""Normal pictures that a camera needs for a level of its own."""


def fit_platt(logits, labels, weights):
    """Fits scale and offset so that sigmoid(scale * logit + offset) is a probability, both sides weighing the same."""
    weights = np.asarray(weights, np.float64).copy()
    labels = np.asarray(labels)
    for value in (0, 1):
        weights[labels == value] /= weights[labels == value].sum()
    fit = LogisticRegression(C=1e4).fit(np.asarray(logits, np.float64)[:, None], labels, weights * len(labels) / 2)
    return float(fit.coef_[0, 0]), float(fit.intercept_[0])


def fit_cells(cells, target, weight, picture_weights, seed=0):
    """Fits the calibration of single cells on marked cells and on the cells of normal pictures."""
    rng = np.random.default_rng(seed)
    used = weight > 0
    chance = np.where(target > 0.5, 1.0, 0.25) * used
    pick = rng.random(cells.shape) < chance
    weights = (weight * picture_weights[:, None, None] / np.maximum(chance, 1e-9))[pick]
    labels = (target[pick] > 0.5).astype(int)
    # Cells keep their true odds: most of a picture of a failure is no failure.
    fit = LogisticRegression(C=1e4).fit(cells[pick][:, None].astype(np.float64), labels, weights)
    return float(fit.coef_[0, 0]), float(fit.intercept_[0])


def cell_threshold(probabilities, target, weight):
    """The cell probability that draws boxes best: the largest mean overlap of drawn and marked cells."""
    best = (0.0, 0.5)
    marked = target > 0.5
    known = weight > 0
    for threshold in np.arange(0.1, 0.8, 0.025):
        drawn = (probabilities > threshold) & known
        overlap = (drawn & marked).sum((1, 2)) / np.maximum((drawn | marked).sum((1, 2)), 1)
        best = max(best, (float(overlap.mean()), float(threshold)))
    return round(best[1], 3), best[0]


def fit_p_map(probabilities, failed, weights):
    """Knots [[probability, p], ...] of the rule's input p, rising everywhere.

    `GOOD_SHARE` of the normal pictures lie under p = .1 and 99.5 % under .35, where the rule never stirs. Most
    failed pictures lie above p = 1, which pauses within some seven frames; the clearest quarter goes up to 2.5. The
    knots are set low among the failures because an unknown webcam scores lower than the photos they come from.
    """
    normal, failing = failed < 0.5, failed > 0.5
    good = _quantiles(probabilities[normal], weights[normal], [GOOD_SHARE, 0.995])
    bad = _quantiles(probabilities[failing], weights[failing], [0.15, 0.4, 0.75])
    wanted = [(good[0], QUIET_P), (good[1], 0.35), (bad[0], 1.0), (bad[1], 1.6), (bad[2], 2.2)]
    knots = [[0.0, 0.0]]
    for probability, p in wanted:
        # A knot must lie right of the one before; where failures score lower than the best normals, normals win.
        probability = float(min(max(probability, knots[-1][0] + 0.02), 0.999))
        if probability - knots[-1][0] >= 0.001:
            knots.append([round(probability, 4), p])
    knots.append([1.0, 2.5])
    return knots


def fit_levels(cells, cameras, top, knots):
    """What the rule's scale of a camera needs to know of a model, in logits of calibrated cells: `vigil.levels`.

    `cells` are the calibrated cells of normal webcam pictures that the head had not seen. `usual` is the median over
    cameras of the mean of the `top` hottest. `offset` is such that of the pictures of a camera, each compared with the
    others of it, `CALM_SHARE` stay under `STIRS_P`; cameras count alike.
    """
    cells = np.clip(cells, LEAST_CELL, 1 - LEAST_CELL)
    hottest = picture_logits(np.log(cells / (1 - cells)), top)
    cameras = np.array(cameras)
    own = {c: hottest[cameras == c] for c in sorted(set(cameras)) if (cameras == c).sum() >= ENOUGH_NORMAL}
    usual = float(np.median([levels.mean() for levels in own.values()]))
    beyond, weights = [], []
    for levels in own.values():
        others = (levels.sum() - levels) / (len(levels) - 1)
        beyond.append(levels + np.clip(usual - others, *SHIFTS))
        weights.append(np.full(len(levels), 1 / len(levels)))
    calm = _quantiles(np.concatenate(beyond), np.concatenate(weights), [CALM_SHARE])[0]
    stirs = float(np.interp(STIRS_P, [p for _, p in knots], [probability for probability, _ in knots]))
    return {"usual": round(usual, 2), "offset": round(float(np.log(stirs / (1 - stirs))) - calm, 2)}


def apply_p_map(knots, probabilities):
    """Reads p off the knots."""
    xs, ys = zip(*knots)
    return np.interp(probabilities, xs, ys)


def _quantiles(values, weights, shares):
    order = np.argsort(values)
    reached = np.cumsum(weights[order]) / weights.sum()
    return [float(values[order][min(np.searchsorted(reached, s), len(values) - 1)]) for s in shares]
