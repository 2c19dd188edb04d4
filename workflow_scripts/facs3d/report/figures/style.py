"""One look for all figures, and files whose bytes depend on their content only."""

import io
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from facs3d.core.atomic import whole

PAGE_WIDTH = 7.2
"""Width of a two-column page in inches; text in figures of this width stays as set below."""
DOTS_PER_INCH = 200
NO_DATE = {"png": {"Software": None}, "pdf": {"CreationDate": None, "Producer": None}}

GRAY = "#595959"
TRUTH = "#D9D9D9"
PAPER_MODELS = {
    "cnn2d": ("#0072B2", "--"),
    "cnn2d_lstm": ("#E69F00", "-."),
    "facs3d": ("#000000", "-"),
}
OTHER_MODELS = (("#009E73", ":"), ("#CC79A7", (0, (5, 1))), ("#D55E00", (0, (1, 1))))
"""Colours by Okabe and Ito, safe for colour-blind readers; line styles tell them apart in gray."""

matplotlib.use("Agg")
matplotlib.rcParams.update(
    {
        "font.family": "DejaVu Sans",
        "font.size": 8,
        "axes.titlesize": 8,
        "axes.labelsize": 8,
        "xtick.labelsize": 7,
        "ytick.labelsize": 7,
        "legend.fontsize": 8,
        "legend.frameon": False,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.linewidth": 0.8,
        "pdf.fonttype": 42,
        "svg.hashsalt": "facs3d",
    }
)


def new_figure(height: float, width: float = PAGE_WIDTH) -> Figure:
    """An empty figure of this size in inches, which lays itself out."""
    return Figure(figsize=(width, height), layout="constrained")


def model_lines(models: tuple[str, ...]) -> dict[str, tuple[str, Any]]:
    """Colour and line style of each model, the same in every figure."""
    others = [model for model in models if model not in PAPER_MODELS]
    spare = {model: OTHER_MODELS[i % len(OTHER_MODELS)] for i, model in enumerate(others)}
    return {model: PAPER_MODELS.get(model) or spare[model] for model in models}


def say(axes: Axes, text: str) -> None:
    """Write in the middle of a panel why it shows nothing."""
    middle: dict[str, Any] = {"ha": "center", "va": "center", "transform": axes.transAxes}
    box = {"facecolor": "white", "edgecolor": GRAY, "linewidth": 0.5}
    axes.text(0.5, 0.5, text, bbox=box, **middle)


def text_colour_on(colour: tuple[float, float, float, float] | str) -> str:
    """Black or white, whichever is read better on ``colour`` (relative luminance, WCAG)."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "black" if luminance > 0.179 else "white"


def save_figure(figure: Figure, png: str | Path, pdf: str | Path) -> None:
    """Write the figure as PNG (200 dpi) and PDF, each whole or not at all, without dates."""
    for path, kind in ((png, "png"), (pdf, "pdf")):
        # A buffer, since Pillow says of a full disk only that its encoder failed.
        buffer = io.BytesIO()
        figure.savefig(buffer, format=kind, dpi=DOTS_PER_INCH, metadata=NO_DATE[kind])
        with whole(path) as unfinished:
            unfinished.write_bytes(buffer.getbuffer())
