"""``lab dashboard``: the dashboard cells of notebook 15 as a web page of their own, served by Voilà on loopback."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any, Final

import click

from lab import codespaces, ports, target
from lab.notebook import form, source
from lab.run import catalogue, folders

NUMBER: Final = "15"
TAGS: Final = frozenset({"parameters", "dashboard"})
#: The page may load nothing from elsewhere: Voilà's template names icons of a public network, which nobody here needs.
POLICY: Final = "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob: ws:"
#: What stands above the dashboard; the page is as wide as its chart, also on a wide screen.
HEADING: Final = """<style>.jp-Cell { max-width: 60rem; margin: 0 auto; }</style>

# Temperature lab: dashboard
"""


def page() -> Path:
    """Write a notebook that holds only the dashboard cells of notebook 15, under a heading, and return its path."""
    book = catalogue.find(catalogue.load(), NUMBER)
    document = form.read(book.path)
    cells: list[dict[str, Any]] = [
        cell for cell in document["cells"] if TAGS.intersection(cell["metadata"].get("tags", ()))
    ]
    path = folders.build() / "dashboard.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    heading = {"cell_type": "markdown", "id": "heading", "metadata": {}, "source": HEADING}
    path.write_text(form.text(form.stripped({**document, "cells": [heading, *cells]})), encoding="utf-8")
    return path


def command(port: int, theme: str) -> list[str]:
    """Return Voilà's command line, on loopback. port: a free one; theme: ``light`` or ``dark``.

    In a codespace the page's web socket is opened from the address at which its proxy shows the port: that origin, and
    no other, is taken too (``lab.open`` says why).
    """
    address = codespaces.origin(port)
    settings = {"headers": {"Content-Security-Policy": POLICY}} | ({"allow_origin": address} if address else {})
    options = ["--Voila.ip=127.0.0.1", f"--theme={theme}", f"--Voila.tornado_settings={settings}"]
    return [sys.executable, "-m", "voila", str(page()), f"--port={port}", *options]


@click.command("dashboard")
@click.option("--port", type=click.IntRange(0, 65535), default=8866, show_default=True, help="0: any free port.")
@click.option("--theme", type=click.Choice(["light", "dark"]), default="light", show_default=True, help="Colours.")
@click.option("--browser/--no-browser", default=True, help="Open the page in the browser.")
def dashboard_command(port: int, theme: str, browser: bool) -> None:
    """Show temperature and humidity as a web page on this computer; Ctrl-C ends it.

    ?theme=dark behind the address shows it dark for one reader alone.
    """
    source.of_level1()
    line = command(ports.free(port), theme) + ([] if browser else ["--no-browser"])
    variables = os.environ | target.environment() | {"PYTHONPATH": str(folders.ROOT)}
    os.execve(line[0], line, variables)  # noqa: S606 - the server takes this process's place, so Ctrl-C ends it
