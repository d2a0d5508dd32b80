"""Figures in one style: the same colours for the same series, units on the axes, a caption that states the finding."""

from __future__ import annotations

import io
import re
from html import escape
from typing import TYPE_CHECKING, Any, Final

from IPython.display import display

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PIXELS_PER_INCH: Final = 110
"""Of the page: a figure of 8 inches is 880 wide."""
SHARPNESS: Final = 2
"""Dots a pixel: paper and good screens show them all."""
WHITE: Final = (1.0, 1.0, 1.0, 1.0)
#: Key of a picture's metadata: its colours are those of a thing, which a dark page must leave as they are.
OWN_COLOURS: Final = "lab_own_colours"
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
    figure.savefig(buffer, format="png", dpi=PIXELS_PER_INCH * SHARPNESS)
    width = round(figure.get_figwidth() * PIXELS_PER_INCH)
    about: dict[str, Any] = {"alt": caption, "width": width, OWN_COLOURS: _screen(figure)}
    display({"image/png": buffer.getvalue(), "text/plain": "figure:"}, raw=True, metadata={"image/png": about})
    display({"text/markdown": f"*{caption}*", "text/plain": caption}, raw=True)


def svg(figure: Figure, alternative: str) -> str:
    """Return a figure as an SVG element that is sharp at any size and has the text colour of the page around it.

    Parameters: alternative, what the figure shows, in words.
    """
    from matplotlib import rc_context

    buffer = io.StringIO()
    with rc_context({"svg.fonttype": "none"}):
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    drawn = re.sub(
        r"<(metadata|style)\b.*?</\1>", "", buffer.getvalue(), flags=re.DOTALL
    )  # their rules are for every SVG
    inside = drawn[drawn.index("<svg") :].partition(">")[2].replace("#000000", "currentColor")
    width, height = (72 * inches for inches in figure.get_size_inches())
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" role="img" '
        f'aria-label="{escape(alternative)}" viewBox="0 0 {width:g} {height:g}" fill="currentColor" '
        f'style="width:100%;max-width:{figure.get_figwidth() * PIXELS_PER_INCH:g}px">{inside}'
    )


def _screen(figure: Figure) -> bool:
    """Say whether a figure shows a device's screen: a panel that is not white has the colours of what it shows."""
    return any(axes.get_facecolor() != WHITE for axes in figure.axes)
