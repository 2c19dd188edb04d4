"""The AUs of a new video."""
