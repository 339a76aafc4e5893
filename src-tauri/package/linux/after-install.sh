#!/bin/sh
# After installing: printers that are plugged in already get the rights of the new rule.
set -e
if [ "$1" = configure ] || [ "$1" = 1 ] || [ "$1" = 2 ]; then
    if command -v udevadm >/dev/null 2>&1 && [ -d /run/udev ]; then
        udevadm control --reload || true
        udevadm trigger --action=change --subsystem-match=tty || true
    fi
fi
exit 0
