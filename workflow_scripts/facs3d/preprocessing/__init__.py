"""From frames to ``clips.h5``: registration, tracking, sampling."""
