"""Runs the application's rules over sequences: `python -m train.rules --sequences DIR --vigil PATH`.

`DIR` holds what `train.sequences` wrote. For each rule and sequence it prints the seconds from the first frame of the
failure to the alert and to the pause, and the false alarms: verdicts other than fine before the failure, or in a print
that never fails. Each false alarm is counted once, until the verdict is fine again. Real prints come first, composed
ones by the width of their tangle; shares have intervals over cameras.

With `--known` the camera is known: two other good prints of it come first, a part of each, and teach its scale, as
`vigil watch --after` takes them. Prints of cameras with no other good print are left out.

With `--models DIR` (see `python -m train --models`) each camera is judged by the model that has never seen it.
"""

import argparse
import json
import os
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from .pictures import judges_of

RULES = ("obico", "printvigil")
LESSONS = 2
"""Good prints that a known camera showed before: of one alone the rule takes no word that would make it calmer."""
LESSON_STEP = 3
"""Of such a print, every so many frames are shown: all of its pictures in a third of the time."""


def main():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sequences", required=True, help="folder that train.sequences wrote")
    parser.add_argument("--vigil", required=True, help="the vigil program")
    parser.add_argument("--rule", choices=(*RULES, "both"), default="both")
    parser.add_argument("--models", help="folder with models of the folds; without it, vigil's own")
    parser.add_argument("--only", default="", help="sequences whose name begins so")
    parser.add_argument("--known", action="store_true", help="other good prints of the camera come first")
    parser.add_argument("--but", default="", help="cameras to leave out, by the beginning of their names: emptydeck,p3_")
    parser.add_argument("--at-once", type=int, default=1, help="sequences that are run side by side")
    parser.add_argument("--json", help="a file for the rows as JSON")
    options = parser.parse_args()
    rules = RULES if options.rule == "both" else (options.rule,)
    judges = judges_of(options.models) if options.models else {}
    truths = {f: json.loads(f.read_text()) for f in sorted(Path(options.sequences).glob("*/truth.json"))}
    left_out = tuple(name for name in options.but.split(",") if name)
    wanted = [
        f
        for f, truth in truths.items()
        if truth["name"].startswith(options.only)
        and not (left_out and truth["camera"].startswith(left_out))
        and (not options.known or lessons(truth, truths))
    ]

    def run(truth_file):
        truth = truths[truth_file]
        model = judges.get(truth["camera"]) if options.models else None
        if options.models and model is None:
            raise SystemExit(f"{options.models} has no model for {truth['camera']}")
        model = model and Path(options.models) / model
        before = lessons(truth, truths) if options.known else []
        frames = _watched(options.vigil, options.rule, model, truth_file.parent, truth, before)
        return [{"rule": r, "lessons": len(before), **judged([f for f in frames if f.get("rule", r) == r], truth)} for r in rules]

    rows = []
    with ThreadPoolExecutor(options.at_once) as pool:
        for found in pool.map(run, wanted):
            for row in found:
                print(_line(row), flush=True)
            rows += found
    for rule in rules:
        print("\n".join(summary(rule, [r for r in rows if r["rule"] == rule])))
    if options.json:
        Path(options.json).write_text(json.dumps(rows, indent=1) + "\n")


def lessons(truth, truths):
    """The folders of other good prints of a print's camera: at most `LESSONS`, as they come by name."""
    good = [
        f.parent
        for f, other in truths.items()
        if other["name"].startswith("good-") and other["camera"] == truth["camera"] and other["group"] != truth["group"]
    ]
    return good[:LESSONS]


def _watched(vigil, rule, model, folder, truth, before):
    """The lines that `vigil watch` prints for a folder, after the prints of `before`; whatever is not JSON is left out."""
    environment = {**os.environ, "VIGIL_MODEL": str(model)} if model else None
    with tempfile.TemporaryDirectory() as shown:
        command = [vigil, "watch", "--json", "--rule", rule, "--every", str(truth["seconds_per_frame"])]
        for lesson in before:
            part = Path(shown) / lesson.name
            part.mkdir()
            for frame in sorted(lesson.glob("*.jpg"))[::LESSON_STEP]:
                (part / frame.name).symlink_to(frame.resolve())
            command += ["--after", str(part)]
        command.append(str(folder))
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
        for lesson in before:
            # It was not calm for long enough: a watch would have learnt nothing from it, either.
            if f"{Path(shown) / lesson.name} shows too few calm minutes" in done.stderr:
                return _watched(vigil, rule, model, folder, truth, [b for b in before if b != lesson])
    lines = []
    for line in done.stdout.splitlines():
        try:
            value = json.loads(line)
        except ValueError:
            continue
        if isinstance(value, dict) and "verdict" in value:
            lines.append(value)
    if not lines:
        raise SystemExit(f"{' '.join(command)} told nothing: {done.stderr.strip()[-500:]}")
    return lines


def judged(frames, truth):
    """What one rule said about one sequence, as a row of the table."""
    every, fails = truth["seconds_per_frame"], truth["fail_from"]
    seconds = [float(f.get("seconds", n * every)) for n, f in enumerate(frames)]
    starts = None if fails is None else fails * every
    calm = [n for n, s in enumerate(seconds) if starts is None or s < starts]
    row = {
        "sequence": truth["name"],
        "camera": truth["camera"],
        "width": truth.get("width"),
        "frames": len(frames),
        "calm_hours": round(len(calm) * every / 3600, 3),
        "false_alerts": _times(frames, calm, ("alert", "pause")),
        "false_pauses": _times(frames, calm, ("pause",)),
        "fails": starts is not None,
    }
    if starts is not None:
        after = [n for n, s in enumerate(seconds) if s >= starts]
        row["seconds_to_alert"] = _first(frames, seconds, after, starts, ("alert", "pause"))
        row["seconds_to_pause"] = _first(frames, seconds, after, starts, ("pause",))
    return row


def _times(frames, among, verdicts):
    said = [frames[n]["verdict"] in verdicts for n in among]
    return sum(now and not before for before, now in zip([False, *said], said))


def _first(frames, seconds, among, starts, verdicts):
    return next((round(seconds[n] - starts, 1) for n in among if frames[n]["verdict"] in verdicts), None)


def _line(row):
    tail = f"false alerts {row['false_alerts']}, pauses {row['false_pauses']} in {row['calm_hours']:.2f} h"
    if row["fails"]:
        tail = f"alert after {_told(row['seconds_to_alert'])}, pause after {_told(row['seconds_to_pause'])}; {tail}"
    return f"{row['rule']:10} {row['sequence']:44} {tail}"


def summary(rule, rows):
    """Lines: alerts and pauses of real prints, of composed ones in all and by width, and false alarms by the hour."""
    failing = [r for r in rows if r["fails"]]
    lines = [_found(f"{rule}, real prints", [r for r in failing if r["width"] is None])]
    composed = [r for r in failing if r["width"] is not None]
    if composed:
        lines.append(_found(f"{rule}, composed", composed))
    for width in sorted({r["width"] for r in composed}):
        lines.append(_found(f"{rule}, composed, {width:.0%} wide", [r for r in composed if r["width"] == width]))
    hours = sum(r["calm_hours"] for r in rows)
    alerts, pauses = sum(r["false_alerts"] for r in rows), sum(r["false_pauses"] for r in rows)
    lines.append(
        f"{rule}: {alerts} false alerts and {pauses} false pauses in {hours:.1f} good hours of "
        f"{len({r['camera'] for r in rows})} cameras ({alerts / hours:.2f} alerts an hour)"
    )
    return lines


def _found(name, rows):
    if not rows:
        return f"{name}: none"
    parts = []
    for word, key in (("alerted", "seconds_to_alert"), ("paused", "seconds_to_pause")):
        seconds = sorted(r[key] for r in rows if r[key] is not None)
        low, high = _interval(rows, key)
        middle = f", median {seconds[len(seconds) // 2]:.0f} s" if seconds else ""
        parts.append(f"{len(seconds)} of {len(rows)} {word} ({low:.0%}-{high:.0%}{middle})")
    return f"{name}: " + "; ".join(parts)


def _interval(rows, key, rounds=1000):
    """The 95 % interval of the share of rows that have `key`, over cameras."""
    by_camera = {}
    for row in rows:
        by_camera.setdefault(row["camera"], []).append(row[key] is not None)
    cameras, rng = list(by_camera), np.random.default_rng(0)
    shares = []
    for _ in range(rounds):
        drawn = [by_camera[cameras[i]] for i in rng.integers(len(cameras), size=len(cameras))]
        shares.append(np.mean(np.concatenate(drawn)))
    return np.percentile(shares, [2.5, 97.5])


def _told(seconds):
    return "never" if seconds is None else f"{seconds:.0f} s"


if __name__ == "__main__":
    main()
