#!/usr/bin/env python3
"""Plays firmwares that people met against `vigil print` and compares what came of it with serial.json.

    python3 tests/faults/serial.py [CASE...]

The firmwares lie outside this repository: in $VIGIL_FIRMWARES, else in ../shared/tools/fake-firmware. Where the folder
is absent nothing is tried, and that is said. VIGIL names the program (target/debug/vigil), JOBS how many run at once.
Prints a table and ends with 1 when a case came out otherwise than expected.
"""
import concurrent.futures
import importlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.environ.get("VIGIL_FIRMWARES", os.path.join(HERE, "../../../shared/tools/fake-firmware"))
VIGIL = os.environ.get("VIGIL", os.path.join(HERE, "../../target/debug/vigil"))
EXPECTED = os.path.join(HERE, "serial.json")


def commands(lines):
    return [line.split(";")[0].strip() for line in lines if line.split(";")[0].strip()]


def carried_out(own, wanted):
    """Returns whether each command of the file was carried out once and in order; heaters may go off once more."""
    rest = own[len(wanted):]
    return own[:len(wanted)] == wanted and all(re.fullmatch(r"M10[47]( T\d)?( S0)?|M140 S0|M84", line) for line in rest)


def play(name, runs):
    """Runs one firmware with one print; returns what was seen."""
    case = getattr(importlib.import_module("cases"), name)
    lines = case.file() if hasattr(case, "file") else importlib.import_module("run").gfile()
    base = os.path.join(runs, name)
    with open(base + ".gcode", "wb") as f:
        f.write(("\n".join(lines) + "\n").encode("latin-1"))
    start = "import sys; sys.path.insert(0, %r); import cases; cases.%s(%r, %r).run()" % (
        FOLDER, name, base + ".port", base + ".dialog")
    firmware = subprocess.Popen([sys.executable, "-c", start], stderr=open(base + ".err", "w"))
    while not os.path.islink(base + ".port") and firmware.poll() is None:
        time.sleep(0.05)
    command = [VIGIL, "print", "--port", base + ".port", "--baud", "115200", base + ".gcode"]
    began = time.monotonic()
    with open(base + ".out", "w") as out:
        host = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, env=dict(os.environ, NO_COLOR="1"))
    acts = sorted(getattr(case, "acts", []))
    limit = getattr(case, "timeout", 60) + 30
    timed_out = False
    while host.poll() is None:
        secs = time.monotonic() - began
        while acts and secs >= acts[0][0]:
            host.send_signal(acts.pop(0)[1])
        if secs > limit:
            timed_out = True
            host.kill()
        time.sleep(0.05)
    secs = time.monotonic() - began
    time.sleep(getattr(case, "linger", 0.3))
    firmware.send_signal(signal.SIGTERM)
    try:
        firmware.wait(5)
    except subprocess.TimeoutExpired:
        firmware.kill()
    dialog = open(base + ".dialog", errors="replace").read()
    found = re.search(r"# EXECUTED (.*)", dialog)
    executed = [entry[2] for entry in json.loads(found.group(1))] if found else []
    wanted = commands(lines)
    own = [line for line in executed if line in set(wanted) and line != "M105"]
    targets = re.search(r"# TARGETS (\{.*?\})", dialog)
    text = open(base + ".out", errors="replace").read()
    words = [line for line in text.splitlines() if not re.match(r"\s*\d+ %", line)]
    end = "timed out" if timed_out else "finished" if host.returncode == 0 else "failed"
    if re.search(r"^Cancelled", text, re.M):
        end = "cancelled"
    return {
        "end": end,
        "exact": carried_out(own, wanted),
        "done": "%d/%d" % (len(own), len(wanted)),
        "off": targets is not None and not any(eval(targets.group(1), {"__builtins__": {}}).values()),
        "secs": round(secs, 1),
        "says": "\n".join(words),
        "shows": text,
    }


def differences(expected, got):
    """Returns in which points a run differs from what is expected."""
    wrong = [key for key in ("end", "exact", "off") if key in expected and expected[key] != got[key]]
    wrong += ["says %r" % says for says in expected.get("says", []) if not re.search(says, got["says"])]
    wrong += ["shows %r" % shows for shows in expected.get("shows", []) if not re.search(shows, got["shows"])]
    wrong += ["not %r" % says for says in expected.get("never", []) if re.search(says, got["says"])]
    if got["secs"] > expected.get("within_secs", float("inf")):
        wrong.append("secs")
    return wrong


def main(names):
    if not os.path.isfile(os.path.join(FOLDER, "cases.py")):
        print("skipped: no firmwares in %s" % FOLDER)
        return 0
    sys.path.insert(0, FOLDER)
    expected = json.load(open(EXPECTED))
    names = names or list(expected)
    runs = os.environ.get("RUNS") or tempfile.mkdtemp(prefix="faults-")
    bad = 0
    print("%-22s %-3s %-10s %-10s %-9s %-5s %6s  %s" % ("case", "", "expected", "got", "lines", "off", "secs", ""))
    with concurrent.futures.ThreadPoolExecutor(int(os.environ.get("JOBS", "6"))) as pool:
        for name, got in zip(names, pool.map(lambda name: play(name, runs), names)):
            want = expected.get(name, {})
            wrong = differences(want, got)
            bad += bool(wrong)
            last = "; ".join(wrong) if wrong else got["says"].splitlines()[-1] if got["says"] else ""
            print("%-22s %-3s %-10s %-10s %-9s %-5s %6.1f  %s" % (
                name, want.get("class", ""), want.get("end", "?"), got["end"] + ("" if not wrong else " !"),
                got["done"] + ("=" if got["exact"] else ""), "yes" if got["off"] else "no", got["secs"], last[:160]))
            sys.stdout.flush()
    print("%d of %d as expected; dialogues in %s" % (len(names) - bad, len(names), runs))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
