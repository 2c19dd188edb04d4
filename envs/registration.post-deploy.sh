#!/usr/bin/env bash
set -euo pipefail
# --no-deps: its dependency list asks for jax, sounddevice and GUI OpenCV, none of which FaceMesh uses.
# protobuf is here because it takes protobuf 4 only, and conda-forge's OpenCV 4.11 a newer libprotobuf only;
# flatbuffers because conda-forge's versions are others.
"$CONDA_PREFIX/bin/python" -m pip install --no-deps mediapipe==0.10.21 protobuf==4.25.9 flatbuffers==25.12.19
