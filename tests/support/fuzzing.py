"""Sound small files, damaged by seed and read again: a result as documented, or one clear error."""

import faulthandler
import os
import re
import resource
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from facs3d.core.errors import InputError

SECONDS = 20
"""For one file; what takes longer hangs."""
MEMORY = 2 << 30
"""Bytes that one file may take beyond what the process has."""
LONGEST = 3000
"""Characters of a message."""
ODD = (
    b"", b"0", b"-1", b"1.5", b"nan", b"inf", b"-inf", b"1e400", b"9" * 20, b"9" * 5000, b"true",
    b"null", b"NA", b'"', b'"a', b"'", b"\0", b"\xff", b"\r", b"\x0b", b" ", b"a" * 200_000,
    b"a,b", b"a;b", b"{", b"[" * 3000, b"../x", "²".encode(), "٣".encode(), "é".encode("latin-1"),
    "\u2028".encode(), b"&a [1]", b"&a [*a]",
    b"!!python/object:os.system", b"2026-01-01", b"AU01", b"video",
)  # fmt: skip
"""What no program writes into a cell, or not there."""
SEPARATOR = rb"([,\n:\[\]{}\" ]+)"


class Target(NamedTuple):
    """A reader under attack.

    ``make`` writes sound files to a folder and returns the one to damage; ``read`` reads that and
    asserts that what it gets is as documented; ``damage`` is one of this module; ``n_files``: how
    many are made of the sound one.
    """

    make: Callable[[Path], Path]
    read: Callable[[Path], object]
    damage: Callable[[bytes, np.random.Generator], bytes]
    n_files: int


def damage_bytes(content: bytes, random: np.random.Generator) -> bytes:
    """``content`` with one to five faults, more of them near its start, where heads are."""
    changed = bytearray(content)
    for _ in range(random.integers(1, 6)):
        near = random.random() < 0.5
        place = int(random.integers(0, min(len(changed), 600) if near else len(changed)))
        how = random.integers(0, 5)
        if how == 0:
            changed[place] ^= 1 << int(random.integers(0, 8))
        elif how == 1:
            changed[place] = int(random.choice([0, 1, 0x7F, 0x80, 0xFF]))
        elif how == 2:
            changed[place : place + 4] = bytes([int(random.choice([0, 0xFF]))]) * 4
        elif how == 3 and place > 20:
            del changed[place:]
        else:
            changed[place:place] = changed[place : place + int(random.integers(1, 64))]
    return bytes(changed)


def damage_text(content: bytes, random: np.random.Generator) -> bytes:
    """``content``, a table or YAML, with one to three faults: in cells, lines, or its encoding."""
    for _ in range(random.integers(1, 4)):
        how = random.integers(0, 10)
        if how < 6:
            content = _damage_cell(content, random)
        elif how < 8:
            content = _damage_lines(content, random)
        elif how == 8 and content:
            content = damage_bytes(content, random)
        elif random.random() < 0.3:
            content = _encode_otherwise(content, random)
    return content


def _damage_cell(content: bytes, random: np.random.Generator) -> bytes:
    parts = re.split(SEPARATOR, content)
    place = 2 * int(random.integers(0, (len(parts) + 1) // 2))
    odd = ODD[random.integers(0, len(ODD))]
    how = random.integers(0, 4)
    if how == 0:
        del parts[place : place + 2]
    elif how == 1:
        parts[place:place] = [odd, b","]
    elif how == 2:
        parts[place] = parts[2 * int(random.integers(0, (len(parts) + 1) // 2))]
    else:
        parts[place] = odd
    return b"".join(parts)


def _damage_lines(content: bytes, random: np.random.Generator) -> bytes:
    lines = content.splitlines(keepends=True)
    if not lines:
        return content
    one, other = random.integers(0, len(lines), 2)
    how = random.integers(0, 4)
    if how == 0:
        del lines[one]
    elif how == 1:
        lines.insert(one, lines[other])
    elif how == 2:
        lines[one], lines[other] = lines[other], lines[one]
    else:
        lines[one] = lines[one][: int(random.integers(0, len(lines[one]) + 1))]
    return b"".join(lines)


def _encode_otherwise(content: bytes, random: np.random.Generator) -> bytes:
    text = content.decode(errors="replace")
    how = random.integers(0, 5)
    if how < 3:
        return text.encode(("utf-16", "utf-32", "utf-8-sig")[how])
    return text.replace("\n", "\r\n" if how == 3 else "\r").encode()


def attack(target: Target, folder: Path) -> None:
    """Read ``target.n_files`` damaged files in ``folder``; what is at fault ends the process.

    Each file's number is printed first, so the last in the output is the one at fault.
    """
    warnings.simplefilter("ignore")
    random, n_read = np.random.default_rng(0), 0
    path = target.make(folder)
    sound = path.read_bytes()
    target.read(path)
    held = int(re.search(r"VmData:\s+(\d+) kB", Path("/proc/self/status").read_text())[1]) << 10
    resource.setrlimit(resource.RLIMIT_DATA, (held + MEMORY, resource.RLIM_INFINITY))
    for number in range(target.n_files):
        path.write_bytes(target.damage(sound, random))
        # Some readers keep what they read, by the file's time.
        os.utime(path, ns=(number, number))
        print(number, flush=True)
        # Ends the process even where it hangs in a library.
        faulthandler.dump_traceback_later(SECONDS, exit=True)
        try:
            target.read(path)
            n_read += 1
        except (InputError, OSError) as error:
            message = str(error)
            assert len(message.splitlines()) == 1, message
            assert len(message) <= LONGEST, message[:LONGEST]
            assert "weights_only" not in message
        faulthandler.cancel_dump_traceback_later()
    print("end", n_read, file=sys.stdout)
