"""The picture that stands for a notebook on the index page: small, and inside the page."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from PIL import Image

from lab.notebook import figures

WIDTH: Final = 480
MOST_HEIGHT: Final = 0.6
"""Of the width. Of a taller picture the top is shown: the whole would be too small to be read."""
TAG: Final = "picture"


@dataclass(frozen=True)
class Picture:
    """A picture as a data address, with its text alternative. own: its colours stay as they are on a dark page."""

    address: str
    alternative: str
    own: bool


def best(notebook: Any) -> Picture | None:
    """Return the picture of the cell tagged ``picture``, else the notebook's first, else None."""
    found = list(_pictures(notebook))
    tagged = [item for item in found if item[0]]
    for _, data, about in tagged or found:
        return Picture(_small(data), about.get("alt", ""), about.get(figures.OWN_COLOURS, False))
    return None


def _pictures(notebook: Any) -> Iterator[tuple[bool, str, dict[str, Any]]]:
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {}).get("image/png")
            if data:
                about = output.get("metadata", {}).get("image/png", {})
                yield TAG in cell.metadata.get("tags", []), data, about


def _small(data: str) -> str:
    image = Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB")
    image = image.crop((0, 0, image.width, min(image.height, round(MOST_HEIGHT * image.width))))
    image.thumbnail((WIDTH, WIDTH))
    buffer = io.BytesIO()
    image.save(buffer, format="WEBP", quality=80)
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode()
