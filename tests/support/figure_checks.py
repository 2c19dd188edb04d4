"""What every figure must be: checks shared by the tests of figures."""

import struct
import warnings
from itertools import combinations
from pathlib import Path

import matplotlib.text
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure


def texts(figure: Figure) -> str:
    """Everything written in the figure."""
    return "\n".join(text.get_text() for text in figure.findobj(matplotlib.text.Text))


def assert_drawn(figure: Figure) -> None:
    """The figure lays itself out without a warning, no panel of it is empty, and no title, label or
    note is cut off or runs into another."""
    renderer = FigureCanvasAgg(figure).get_renderer()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure.draw_without_rendering()
    written = [figure._suptitle, figure._supxlabel]
    for axes in figure.axes:
        assert axes.has_data() or axes.texts or not axes.axison, (
            f"panel {axes.get_title()!r} is empty"
        )
        titles = [text for text in axes.get_children() if isinstance(text, matplotlib.text.Text)]
        written += [*titles, axes.xaxis.label, axes.yaxis.label]
    boxes = [
        (text.get_text(), text.get_window_extent(renderer))
        for text in written
        if text is not None and text.get_text()
    ]
    for name, box in boxes:
        inside = [figure.bbox.contains(*corner) for corner in box.corners()]
        assert all(inside), f"{name!r} is cut off"
    for (one, its), (other, others) in combinations(boxes, 2):
        assert not its.overlaps(others), f"{one!r} runs into {other!r}"


def dots_per_inch(png: Path) -> float:
    """The resolution that a PNG states (its pHYs chunk, in dots per metre)."""
    content = png.read_bytes()
    place = content.index(b"pHYs") + 4
    across, down, unit = struct.unpack(">IIB", content[place : place + 9])
    assert across == down
    assert unit == 1
    return across * 0.0254
