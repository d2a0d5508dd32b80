"""An executed notebook as HTML without code: text, tables and pictures, nothing that needs the network."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import nbformat
from nbconvert import HTMLExporter
from traitlets.config import Config

from lab.notebook import figures

REMOVED: Final = ("parameters", "injected-parameters", "remove-cell", "papermill-error-cell-tag")
#: Cells that only lead a reader of notebooks: their links go to notebooks, not to reports.
LEADING: Final = ("navigation", "index")
#: Widgets need a kernel, and their scripts the network: a report shows the pictures beside them.
WIDGET: Final = "application/vnd.jupyter.widget-view+json"
#: How nbconvert begins what holds a chart.
CHART: Final = '<div class="output_png output_subarea"'


def html(notebook: Any) -> str:
    """Return the body of a notebook's report: no code cells, pictures inside."""
    options = Config()
    options.TagRemovePreprocessor.enabled = True
    options.TagRemovePreprocessor.remove_cell_tags = set(REMOVED)
    exporter = HTMLExporter(
        template_name="basic",
        exclude_input=True,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        embed_images=True,
        config=options,
    )
    exporter.register_preprocessor("nbconvert.preprocessors.TagRemovePreprocessor", enabled=True)
    body, _ = exporter.from_notebook_node(notebook)
    for picture in _own_colours(notebook):
        body = body.replace(picture, f'{picture} class="own"')
    # A table or a chart may be wider than a phone: then it scrolls, and whoever has no mouse must be able to reach it.
    body = str(body).replace('<table border="1" class="dataframe">', '<table class="dataframe" tabindex="0">')
    return body.replace(CHART, f'{CHART} tabindex="0"')


def read(path: Path) -> Any:
    """Return an executed notebook without the cells that only lead through the notebooks, errors in a line."""
    notebook = nbformat.read(path, as_version=4)
    notebook.cells = [cell for cell in notebook.cells if cell.get("id") not in LEADING]
    for cell in notebook.cells:
        if "outputs" in cell:
            cell.outputs = [_told(output) for output in cell.outputs if WIDGET not in output.get("data", {})]
    notebook.metadata.pop("widgets", None)
    return notebook


def _own_colours(notebook: Any) -> Iterator[str]:
    """Yield the source attribute of each picture whose colours a dark page must not turn."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.get("metadata", {}).get("image/png", {}).get(figures.OWN_COLOURS):
                yield f'src="data:image/png;base64,{output.data["image/png"]}"'


def _told(output: Any) -> Any:
    """Return an error without its traceback, which speaks of code that the report does not show."""
    if output.output_type != "error":
        return output
    return nbformat.v4.new_output("stream", text=f"✗ {output.ename}: {output.evalue}\n")
