"""Puts the virtual printer that comes with OctoPrint at the far end of a pseudo terminal, and breaks things on demand.

    bridge.py TTY RECORD [PRESET] [--set NAME=JSON]... [--at N=DEED]...

TTY becomes a link to the terminal. PRESET and the settings are the virtual printer's own. After the N-th move a deed is
done: a debug command of the virtual printer (`dont_answer`, `send TEXT` ...), or one of ours:

    noise N      one bit of one line in N flips, both ways, but never in its first byte, nor from the checksum's star on
    lose_oks N   one `ok` in N is swallowed
    unplug       the terminal goes away for good
    restart      the board starts anew and its buffers are empty (the virtual printer's own `reset` goes on reading them)

Asked to end (SIGTERM), it writes to RECORD as JSON: `moves` (the commands executed, in order), `position` (X, Y, Z, E),
`targets` (of hotend and bed) and `done` (whether each deed came about).
"""

import json
import os
import pty
import random
import select
import signal
import sys
import threading
import time
import tty

import octoprint.plugins.virtual_printer as plugin
from octoprint.plugins.virtual_printer import virtual
from serial import SerialTimeoutException

QUIET = {"simulated_errors": [], "sendWait": False, "throttle": 0.001}
# Without its fourth error: there the virtual printer counts a line as taken that it has thrown away.
ERRORS = {"simulated_errors": ["100:resend", "110:missing_lineno", "115:checksum_mismatch"]}
ALL_CAPABILITIES = ["AUTOREPORT_TEMP", "AUTOREPORT_SD_STATUS", "AUTOREPORT_POS", "EMERGENCY_PARSER", "EXTENDED_M20"]
PRESETS = {
    "plain": QUIET,
    "defaults": ERRORS,
    "marlin 2": {
        **QUIET,
        "firmwareName": "Marlin 2.1.2 (virtual)",
        "sendBusy": True,
        "capabilities": {name: True for name in ALL_CAPABILITIES},
        "m115ReportArea": True,
        "okFormatString": "ok",
    },
    "advanced ok": {**QUIET, "okFormatString": "ok N{lastN} P15 B{buffer}"},
    "repetier": {
        **ERRORS,
        "firmwareName": "Repetier_0.92",
        "repetierStyleTargetTemperature": True,
        "okBeforeCommandOutput": True,
        "okFormatString": "ok {lastN}",
        "resetLines": ["start", "Info:External Reset"],
        "m105NoTargetFormatString": "{heater}:{actual:.2f}",
    },
    "smoothie": {
        **QUIET,
        "firmwareName": "Smoothieware",
        "smoothieTemperatureReporting": True,
        "m115ReportCapabilities": False,
        "resetLines": ["Smoothie", "ok"],
    },
    "klipper": {
        **QUIET,
        "firmwareName": "Klipper",
        "klipperTemperatureReporting": True,
        "m115ReportCapabilities": False,
        "resetLines": [],
    },
    "reprapfirmware": {
        **QUIET,
        "firmwareName": "RepRapFirmware for Duet 2 WiFi/Ethernet",
        "reprapfwM114": True,
    },
    "no ok after a wish": {**ERRORS, "brokenResend": True},
    "one line in twenty refused": {**QUIET, "resend_ratio": 5},
    "checksums only": {**QUIET, "forceChecksum": True},
    "three tools and a chamber": {**QUIET, "numExtruders": 3, "hasChamber": True},
    "small and slow": {**ERRORS, "rxBuffer": 64, "throttle": 0.02},
    "locked": {**QUIET, "locked": True},
}


class Settings:
    """What the virtual printer asks of OctoPrint's settings."""

    def __init__(self, values, folder):
        self.values, self.folder = values, folder

    def get(self, path, **_):
        value = self.values
        for name in path:
            value = value.get(name) if isinstance(value, dict) else None
        return value

    def get_int(self, path, **_):
        return int(self.get(path))

    def get_float(self, path, **_):
        return float(self.get(path))

    def get_boolean(self, path, **_):
        return bool(self.get(path))

    def global_get_basefolder(self, name, **_):
        folder = os.path.join(self.folder, name)
        os.makedirs(folder, exist_ok=True)
        return folder


class Profiles:
    """A bed of 220 mm and 250 mm of height."""

    def get_current_or_default(self):
        volume = {"width": 220, "depth": 220, "height": 250, "origin": "lowerleft", "custom_box": False}
        return {"volume": volume}


class NoHooks:
    """No other plugin answers debug commands."""

    def get_hooks(self, _):
        return {}


class Printer(virtual.VirtualPrinter):
    """The virtual printer, and a list of the moves that it executes."""

    moves = []
    deeds = {}
    done = []

    def _performMove(self, line):
        Printer.moves.append(line.strip())
        super()._performMove(line)
        for deed in Printer.deeds.pop(len(Printer.moves), []):
            # Not from this thread: some debug commands wait for it.
            threading.Thread(target=do, args=(deed,), daemon=True).start()

    def _triggerResend(self, expected=None, actual=None, checksum=None):
        # The class counts refused lines too, and so would pass over lines when several are on their way. No board does.
        if expected is not None:
            expected = min(expected, self.lastN + 1)
        super()._triggerResend(expected=expected, actual=actual, checksum=checksum)


dice = random.Random(1)
chance = {"noise": 0, "lose_oks": 0}
port = None


def merged(base, change):
    out = dict(base)
    for name, value in change.items():
        both = isinstance(value, dict) and isinstance(out.get(name), dict)
        out[name] = merged(out[name], value) if both else value
    return out


def do(deed):
    word, _, rest = deed.partition(" ")
    Printer.done.append(deed)
    if word in chance:
        chance[word] = int(rest)
    elif word == "unplug":
        end_port()
    elif word == "restart":
        restart()
    else:
        port["printer"]._debugTrigger(deed)


def once_in(count):
    return count > 0 and dice.randrange(count) == 0


def harmed(line):
    """Returns a line with perhaps one bit flipped.

    Not where the virtual printer itself would fail: it runs what has no line number unchecked, and dies of a checksum
    that is no number.
    """
    end = line.rfind(b"*") if b"*" in line else len(line) - 1
    if end < 2 or not once_in(chance["noise"]):
        return line
    at = dice.randrange(1, end)
    flipped = line[at] ^ (1 << dice.randrange(7))
    if flipped in b"\r\n*":
        return line
    return line[:at] + bytes([flipped]) + line[at + 1 :]


def open_port(make, link):
    global port
    master, slave = pty.openpty()
    tty.setraw(slave)
    os.symlink(os.ttyname(slave), link)
    os.close(slave)
    port = {"master": master, "make": make, "printer": make(), "open": False}


def end_port():
    port["printer"].close()
    os.close(port["master"])
    while True:
        time.sleep(60)


def restart():
    """Puts a new board in place of the old one."""
    port["printer"].close()
    port["printer"] = port["make"]()
    threading.Thread(target=speak, args=(port["printer"],), daemon=True).start()


def speak(printer):
    """Hands the printer's lines to the terminal."""
    while port["printer"] is printer:
        try:
            line = printer.readline()
        except Exception:
            return
        if not line or not port["open"]:
            continue
        line = line if line.endswith(b"\n") else line + b"\n"
        if line.startswith(b"ok") and once_in(chance["lose_oks"]):
            continue
        try:
            os.write(port["master"], harmed(line))
        except OSError:
            return


def listen():
    """Hands the host's lines to the printer; a host that opens the terminal resets the board, as most boards do."""
    rest = b""
    while True:
        poll = select.poll()
        poll.register(port["master"], select.POLLIN | select.POLLHUP)
        events = poll.poll(50)
        hung_up = any(event & select.POLLHUP for _, event in events)
        if hung_up and not any(event & select.POLLIN for _, event in events):
            port["open"] = False
            time.sleep(0.02)
            continue
        if not port["open"] and not hung_up:
            port["open"], rest = True, b""
            restart()
        if events:
            try:
                rest += os.read(port["master"], 4096)
            except OSError:
                continue
        *lines, rest = rest.split(b"\n")
        for line in lines:
            # One at a time: the class takes no more from its queue.
            line = harmed(line + b"\n")
            while line:
                try:
                    written = port["printer"].write(line)
                except SerialTimeoutException:
                    end_port()
                if not written:
                    break
                line = line[written:]


def main():
    link, record, *words = sys.argv[1:]
    values = plugin.VirtualPrinterPlugin().get_settings_defaults()
    while words:
        word = words.pop(0)
        if word == "--set":
            name, _, value = words.pop(0).partition("=")
            values = merged(values, {name: json.loads(value)})
        elif word == "--at":
            at, _, deed = words.pop(0).partition("=")
            Printer.deeds.setdefault(int(at), []).append(deed)
        else:
            values = merged(values, PRESETS[word])
    folder = record + ".data"
    os.makedirs(folder, exist_ok=True)
    virtual.plugin_manager = NoHooks

    def make():
        return Printer(Settings(values, folder), Profiles(), data_folder=folder, read_timeout=0.2, write_timeout=20.0)

    def end(*_):
        printer = port["printer"]
        place = [printer._lastX, printer._lastY, printer._lastZ, printer._lastE[0]]
        targets = [printer.targetTemp[0], printer.bedTargetTemp]
        with open(record, "w", encoding="utf-8") as file:
            json.dump(
                {"moves": Printer.moves, "position": place, "targets": targets, "done": Printer.done}, file
            )
        os._exit(0)

    signal.signal(signal.SIGTERM, end)
    open_port(make, link)
    print("ready", flush=True)
    listen()


main()
