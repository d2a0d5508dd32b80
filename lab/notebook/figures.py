"""Figures in one style: the same colours for the same series, units on the axes, a caption that states the finding."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Final

from IPython.display import display

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DOTS_PER_INCH: Final = 110
TEMPERATURE: Final = "#d1495b"
HUMIDITY: Final = "#00798c"
GOOD: Final = "#2e8b57"
BAD: Final = "#c0392b"
MUTED: Final = "#8d99ae"
SERIES: Final = ("#d1495b", "#00798c", "#edae49", "#66a182", "#2e4057", "#8d96a3", "#9b5de5", "#f15bb5", "#577590")
STYLE: Final[dict[str, Any]] = {
    "figure.facecolor": "white",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.25,
    "font.size": 10,
    "axes.titlesize": 11,
    "legend.frameon": False,
}


def new(rows: int = 1, columns: int = 1, width: float = 8.0, height: float = 3.2, **options: Any) -> tuple[Figure, Any]:
    """Return a figure and its axes (one, or an array as ``plt.subplots`` gives).

    Parameters: width, height, inches; options, as ``plt.subplots`` takes them, such as ``sharex``.

    The figure belongs to nobody's global state: it is shown by ``Book.figure`` and then gone.
    """
    from cycler import cycler
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as NewFigure

    style: Any = {**STYLE, "axes.prop_cycle": cycler(color=SERIES)}
    with rc_context(style):
        figure = NewFigure(figsize=(width, height), layout="constrained")
        FigureCanvasAgg(figure)
        return figure, figure.subplots(rows, columns, **options)


def label(axes: Axes, x: str, y: str, title: str = "") -> None:
    """Name the axes, with units, and the panel."""
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    if title:
        axes.set_title(title, loc="left")


def show(figure: Figure, caption: str) -> None:
    """Show a figure as a PNG with its caption below; the caption is the text alternative too."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=DOTS_PER_INCH)
    metadata = {"image/png": {"alt": caption}}
    display({"image/png": buffer.getvalue(), "text/plain": "figure:"}, raw=True, metadata=metadata)
    display({"text/markdown": f"*{caption}*", "text/plain": caption}, raw=True)
