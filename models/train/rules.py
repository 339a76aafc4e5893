"""Runs the application's rules over sequences: `python -m train.rules --sequences DIR --vigil PATH`.

`DIR` holds what `train.sequences` wrote. For each rule and sequence it prints the seconds from the first frame of the
failure to the alert and to the pause, and the false alarms: verdicts other than fine before the failure, or in a print
that never fails. Each false alarm is counted once, until the verdict is fine again.
"""

import argparse
import json
import subprocess
from pathlib import Path

RULES = ("obico", "printvigil")


def main():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sequences", required=True, help="folder that train.sequences wrote")
    parser.add_argument("--vigil", required=True, help="the vigil program")
    parser.add_argument("--rule", choices=(*RULES, "both"), default="both")
    parser.add_argument("--json", help="a file for the rows as JSON")
    options = parser.parse_args()
    rules = RULES if options.rule == "both" else (options.rule,)
    rows = []
    for truth_file in sorted(Path(options.sequences).glob("*/truth.json")):
        truth = json.loads(truth_file.read_text())
        frames = _watched(options.vigil, options.rule, truth_file.parent, truth)
        for rule in rules:
            row = judged([f for f in frames if f.get("rule", rule) == rule], truth)
            rows.append({"rule": rule, **row})
            print(_line(rows[-1]), flush=True)
    for rule in rules:
        print(_summary(rule, [r for r in rows if r["rule"] == rule]))
    if options.json:
        Path(options.json).write_text(json.dumps(rows, indent=1) + "\n")


def _watched(vigil, rule, folder, truth):
    """The lines that `vigil watch` prints for a folder; whatever is not JSON is left out."""
    command = [vigil, "watch", "--json", "--rule", rule, "--every", str(truth["seconds_per_frame"]), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
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


def _summary(rule, rows):
    failing = [r for r in rows if r["fails"]]
    paused = sorted(r["seconds_to_pause"] for r in failing if r["seconds_to_pause"] is not None)
    alerted = sorted(r["seconds_to_alert"] for r in failing if r["seconds_to_alert"] is not None)
    middle = lambda values: f", median {values[len(values) // 2]:.0f} s" if values else ""
    return (
        f"{rule}: {len(alerted)} of {len(failing)} failures alerted{middle(alerted)}; {len(paused)} paused{middle(paused)}; "
        f"{sum(r['false_alerts'] for r in rows)} false alerts and {sum(r['false_pauses'] for r in rows)} false pauses "
        f"in {len(rows)} sequences, {sum(r['calm_hours'] for r in rows):.1f} h"
    )


def _told(seconds):
    return "never" if seconds is None else f"{seconds:.0f} s"


if __name__ == "__main__":
    main()
