#!/bin/sh
# After removing: what prints have left behind stays, and it is said where.
set -e
case "$1" in
remove | purge | 0)
    if command -v udevadm >/dev/null 2>&1 && [ -d /run/udev ]; then
        udevadm control --reload || true
    fi
    echo "Printvigil is removed. Your prints, pictures and settings stay where they are, for each user in"
    echo "~/.local/share/printvigil. To delete them too: rm -r ~/.local/share/printvigil"
    ;;
esac
exit 0
