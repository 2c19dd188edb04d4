"""Frames by number, in and out: videos, folders of images, zips."""
