#!/bin/sh
# From pictures to ONNX and figures in one command: models/train/run.sh --data DIR --out FILE [--stage finetune]
# Needs Debian's python3-torch; makes its own virtual environment in $VENV (outside the repository) the first time.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
VENV=${VENV:-/tmp/printvigil-train-venv}
if [ ! -x "$VENV/bin/python" ]; then
    /usr/bin/python3 -m venv --system-site-packages "$VENV"
    "$VENV/bin/pip" install --quiet --requirement "$here/requirements.txt"
fi
PYTHONPATH="$here/.."
export PYTHONPATH
exec "$VENV/bin/python" -m train "$@"
