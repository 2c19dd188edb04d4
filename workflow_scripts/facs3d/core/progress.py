"""Progress of long steps: a bar on a terminal, plain lines in a log."""

import sys
import time
from collections.abc import Iterable, Iterator, Sized
from typing import TypeVar

T = TypeVar("T")
SECONDS_BETWEEN_LINES = 10.0


def track(items: Iterable[T], label: str, unit: str, total: int | None = None) -> Iterator[T]:
    """Yield ``items``; meanwhile show how many are done, how fast, and the time left.

    On a terminal this is a tqdm bar; in a log, one line every ten seconds and one at the end.
    ``total`` defaults to ``len(items)`` where items have a length.
    """
    if total is None and isinstance(items, Sized):
        total = len(items)
    if sys.stderr.isatty():
        # Jobs write logs, and start faster without it.
        from tqdm import tqdm

        yield from tqdm(items, desc=label, unit=unit, total=total)
        return
    started = last_line = time.monotonic()
    done = 0
    for item in items:
        yield item
        done += 1
        now = time.monotonic()
        if now - last_line >= SECONDS_BETWEEN_LINES:
            last_line = now
            print(_line(label, unit, done, total, now - started), file=sys.stderr, flush=True)
    elapsed = time.monotonic() - started
    print(_line(label, unit, done, total, elapsed), file=sys.stderr, flush=True)


def _line(label: str, unit: str, done: int, total: int | None, seconds: float) -> str:
    rate = done / seconds if seconds > 0 else 0.0
    line = f"{label}: {done}{f'/{total}' if total is not None else ''} {unit}"
    line += f", {rate:.1f} {unit}/s"
    if total is not None and 0 < done < total:
        line += f", {(total - done) / rate:.0f} s left"
    return line
