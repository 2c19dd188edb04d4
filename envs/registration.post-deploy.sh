#!/usr/bin/env bash
set -euo pipefail
# --no-deps: its dependency list asks for jax, sounddevice and GUI OpenCV, none of which FaceMesh uses.
"$CONDA_PREFIX/bin/python" -m pip install --no-deps mediapipe==0.10.21
