"""``lab report``: HTML (and PDF) of executed notebooks."""

from __future__ import annotations

from pathlib import Path

import click

from lab.report import pdf
from lab.report.publish import publish
from lab.run import catalogue, folders


@click.command("report")
@click.argument("notebooks", nargs=-1, metavar="[NOTEBOOK]...")
@click.option("--pdf", "as_pdf", is_flag=True, help="Print each report as PDF too; needs Chromium.")
def report_command(notebooks: tuple[str, ...], as_pdf: bool) -> None:
    """Write reports without code into build/reports, for the notebooks named or all that ran, and their index page.

    Open the index in a browser: it needs neither server nor network.
    """
    books = catalogue.load()
    if as_pdf:
        pdf.browser()
    *pages, index = publish(books, catalogue.select(books, notebooks))
    for path in pages if notebooks else ():
        click.echo(f"report        {_shown(path)}")
    for path in pages if as_pdf else ():
        click.echo(f"pdf           {_shown(pdf.print_page(path))}")
    click.echo(f"report        {_shown(index)}")


def _shown(path: Path) -> Path:
    """Return a path as a person at the root of the checkout would type it."""
    return path.relative_to(folders.ROOT) if path.is_relative_to(folders.ROOT) else path
