"""The AUs of a new video: by the workflow's steps, or from Python by :func:`.predict_video`."""

from importlib import import_module


def __getattr__(name: str) -> object:
    # By name and late, so that steps without PyTorch or MediaPipe do not depend on them.
    if name == "predict_video":
        return import_module("facs3d.prediction.in_python").predict_video
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
