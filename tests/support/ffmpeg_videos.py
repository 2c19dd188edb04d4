"""Videos that OpenCV cannot write, by FFmpeg's own program; tests skip where there is none."""

import shutil
import subprocess
from pathlib import Path

import pytest

needs_ffmpeg = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="no ffmpeg here")


def ffmpeg(*arguments: object) -> None:
    """Run ffmpeg; a test skips where its build has no such encoder."""
    command = ["ffmpeg", "-nostdin", "-hide_banner", "-loglevel", "error", "-y"]
    result = subprocess.run([*command, *map(str, arguments)], capture_output=True, text=True)
    if "Unknown encoder" in result.stderr:
        pytest.skip(result.stderr.strip())
    assert result.returncode == 0, result.stderr


def write_pattern(path: Path, size: str, *options: object, frames: int = 12) -> Path:
    """FFmpeg's test picture, whose every frame differs, at 25 frames/s."""
    source = f"testsrc=size={size}:rate=25"
    ffmpeg("-f", "lavfi", "-i", source, "-frames:v", frames, "-pix_fmt", "yuv420p", *options, path)
    return path


def join(paths: list[Path], path: Path) -> Path:
    """One file after the other, nothing coded anew: bytes in a transport stream, else packets."""
    if path.suffix == ".ts":
        path.write_bytes(b"".join(part.read_bytes() for part in paths))
        return path
    names = path.with_name(f"{path.name}.txt")
    names.write_text("".join(f"file '{part}'\n" for part in paths))
    ffmpeg("-f", "concat", "-safe", 0, "-i", names, "-c", "copy", path)
    return path
