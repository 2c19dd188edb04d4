#!/usr/bin/env bash
set -euo pipefail
# Here and not under `pip:` in registration.yaml: there conda's pip takes the user's own packages (~/.local) for installed,
# installs among them or uninstalls them. -I leaves them out, and the two variables outdo a pip.conf.
export PIP_USER=0 PIP_REQUIRE_VIRTUALENV=0
# --no-deps: MediaPipe's list asks for jax, sounddevice and GUI OpenCV, none of which FaceMesh uses.
# opencv-python-headless, for conda-forge's OpenCV needs libraries that its matplotlib and MediaPipe's protobuf 4 exclude;
# absl-py and flatbuffers, for conda-forge's versions are others.
"$CONDA_PREFIX/bin/python" -I -m pip install --no-deps \
    mediapipe==0.10.21 \
    opencv-python-headless==4.11.0.86 \
    protobuf==4.25.9 \
    flatbuffers==25.12.19 \
    absl-py==2.5.1
# A pip.conf with `target` or `prefix` sends them elsewhere without an error.
for name in mediapipe opencv-python-headless protobuf flatbuffers absl-py; do
    "$CONDA_PREFIX/bin/python" -I -c "import importlib.metadata as m, sys; sys.exit('$name' not in {d.name for d in m.distributions()})" || {
        echo "error: $name is not in $CONDA_PREFIX; is there a target or prefix in your pip.conf (pip config list)? take it out" >&2
        exit 1
    }
done
