"""Reports of executed notebooks, made from notebooks written here: nothing is executed."""

import base64
import io
import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser

import nbformat
import pytest
from click.testing import CliRunner
from nbformat import v4
from PIL import Image

from lab.errors import LabError
from lab.notebook import figures
from lab.report import body, pdf, picture
from lab.report.cli import report_command
from lab.report.publish import publish, words
from lab.run import catalogue, folders, metrics
from lab.run.state import Entry, State

CODE = "secret_call('token')"
ALT = "Eight nodes & one outside"


def png(colour: str) -> str:
    buffer = io.BytesIO()
    Image.new("RGB", (800, 300), colour).save(buffer, format="PNG")
    return base64.b64encode(buffer.getvalue()).decode()


def image_cell(colour: str, alternative: str, tags=(), **about):
    data = v4.new_output("display_data", data={"image/png": png(colour), "text/plain": alternative})
    data.metadata = {"image/png": {"alt": alternative, **about}}
    return v4.new_code_cell("draw()", outputs=[data], metadata={"tags": list(tags)})


@pytest.fixture
def executed(tmp_path, monkeypatch):
    """Two notebooks, of which the first one ran."""
    monkeypatch.setenv("LAB_BUILD", str(tmp_path / "build"))
    sources = tmp_path / "notebooks"
    sources.mkdir()
    monkeypatch.setattr(folders, "NOTEBOOKS", sources)
    parameters = v4.new_code_cell("count: int = 1  # how many", metadata={"tags": ["parameters"]})
    for name in ("13-publish", "14-query"):
        source = v4.new_notebook(cells=[v4.new_markdown_cell(f"# {name[:2]} · Title of {name[3:]}"), parameters])
        nbformat.write(source, sources / f"{name}.ipynb")
    navigation = v4.new_markdown_cell("[next](14-query.ipynb)", id="navigation")
    printed = v4.new_code_cell(CODE, outputs=[v4.new_output("stream", text="1,000 stored <ok>\n")])
    injected = v4.new_code_cell("count = 5", metadata={"tags": ["injected-parameters"]})
    cells = [navigation, v4.new_markdown_cell("# 13 · Title of publish"), parameters, injected, printed]
    cells += [image_cell("red", "first"), image_cell("blue", ALT, ["picture"])]
    folders.runs().mkdir(parents=True)
    nbformat.write(v4.new_notebook(cells=cells), folders.runs() / "13-publish.ipynb")
    books = catalogue.load()
    State(folders.runs()).record(
        books[0], Entry("COMPLETED", "f", {"count": 5}, 1_700_000_000.0, 6.25, commit="abc123")
    )
    query = {"query_id": "q-1", "rows": 10, "bytes_scanned": 2048}
    metrics.write("13", {"summary": "1,000 stored", "counts": {"stored": 1000}, "queries": [query], "data": "node-5"})
    return books


class Parser(HTMLParser):
    """Collects the addresses that a page loads."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        if tag in ("img", "script", "iframe", "source") and found.get("src"):
            self.loaded.append(found["src"])
        if tag == "link":
            self.loaded.append(found["href"])


def test_a_report_holds_text_output_and_pictures_but_no_code(executed) -> None:
    page, index = publish(executed, executed[:1])
    text = page.read_text()
    assert (page.name, index.name) == ("13-publish.html", "index.html")
    assert "1,000 stored &lt;ok&gt;" in text
    assert "secret_call" not in text
    assert "how many" not in text
    assert "14-query.ipynb" not in text
    assert text.count("data:image/png;base64") == 2
    assert 'alt="Eight nodes &amp; one outside"' in text


def test_reports_load_nothing_from_the_network(executed) -> None:
    for page in publish(executed, executed[:1]):
        parser = Parser()
        parser.feed(page.read_text())
        assert all(address.startswith("data:") for address in parser.loaded)
        assert not re.search(r"@import|url\(http", page.read_text())


def test_the_provenance_says_how_to_repeat_it(executed) -> None:
    text = publish(executed, executed[:1])[0].read_text()
    for part in ("abc123", "2023-11-14 22:13:20 UTC, completed in 6.2 s", "count = 5", "stored = 1000", "node-5"):
        assert part in text
    assert "q-1: 10 rows, 2,048 bytes scanned" in text


def test_the_index_has_a_card_for_each_notebook_that_ran(executed) -> None:
    text = publish(executed, executed)[-1].read_text()
    assert '<a href="13-publish.html">13 · Title of publish</a>' in text
    assert "14-query" not in text
    assert "1 of 2" not in text
    assert "✓ completed" in text
    assert text.count("data:image/webp;base64") == 1
    assert 'id="search"' in text
    assert 'id="theme"' in text


def test_the_card_shows_the_tagged_picture_small(executed) -> None:
    chosen = picture.best(body.read(folders.runs() / "13-publish.ipynb"))
    assert chosen.alternative == ALT
    small = Image.open(io.BytesIO(base64.b64decode(chosen.address.partition(",")[2])))
    assert small.size == (480, 180)
    red, _, blue = small.convert("RGB").getpixel((240, 90))
    assert (red < 50, blue > 200) == (True, True)


def test_of_a_tall_picture_the_card_shows_the_top(executed) -> None:
    tall = Image.new("RGB", (600, 1500), "blue")
    tall.paste("red", (0, 0, 600, 300))
    buffer = io.BytesIO()
    tall.save(buffer, format="PNG")
    data = {"image/png": base64.b64encode(buffer.getvalue()).decode()}
    cell = v4.new_code_cell("", outputs=[v4.new_output("display_data", data=data)])
    chosen = picture.best(v4.new_notebook(cells=[cell]))
    small = Image.open(io.BytesIO(base64.b64decode(chosen.address.partition(",")[2]))).convert("RGB")
    assert small.size == (480, 288)
    assert [small.getpixel((240, row)).index(max(small.getpixel((240, row)))) for row in (10, 280)] == [0, 2]


def test_a_picture_of_a_screen_keeps_its_colours_on_a_dark_page(executed) -> None:
    path = folders.runs() / "13-publish.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(image_cell("black", "a screen", ["picture"], **{figures.OWN_COLOURS: True}))
    notebook.cells[-2].metadata["tags"] = []
    nbformat.write(notebook, path)
    page, index = (path.read_text() for path in publish(executed, executed[:1]))
    marked = [image for image in re.findall("<img[^>]*>", page) if 'class="own"' in image]
    assert [re.search('alt="([^"]*)"', image)[1] for image in marked] == ["a screen"]
    assert page.count("<img") == 3
    assert 'class="own" alt="a screen"' in index


def test_what_the_index_calls_the_commit_is_that_of_the_runs(executed) -> None:
    assert "commit abc123." in publish(executed, executed)[-1].read_text()


def test_a_title_is_written_once_as_text_and_once_for_the_foot_of_a_printed_page(executed) -> None:
    book = replace(executed[0], title='Rain & "snow"')
    text = publish([book], [book])[0].read_text()
    assert "<title>13 · Rain &amp; &quot;snow&quot;</title>" in text
    assert unescape(re.search('style="--title: ([^"]*)"', text)[1]) == r'"13 · Rain & \"snow\""'


def test_a_failed_run_is_reported_as_failed(executed) -> None:
    State(folders.runs()).record(executed[0], Entry("FAILED", "f", {}, 0.0, 1.0, failure="ValueError: no"))
    assert '<b class="failed">✗ failed</b>' in publish(executed, executed)[-1].read_text()


def test_an_error_is_told_in_a_line_without_the_code_of_its_traceback(executed) -> None:
    path = folders.runs() / "13-publish.ipynb"
    notebook = nbformat.read(path, as_version=4)
    error = v4.new_output("error", ename="ValueError", evalue="the table is empty", traceback=["\x1b[31m" + CODE])
    marker = v4.new_markdown_cell("An Exception was encountered", metadata={"tags": ["papermill-error-cell-tag"]})
    notebook.cells += [marker, v4.new_code_cell(CODE, outputs=[error])]
    nbformat.write(notebook, path)
    text = publish(executed, executed[:1])[0].read_text()
    assert "✗ ValueError: the table is empty" in text
    assert "secret_call" not in text
    assert "An Exception was encountered" not in text


def test_widgets_are_left_out_with_their_scripts(executed) -> None:
    path = folders.runs() / "13-publish.ipynb"
    notebook = nbformat.read(path, as_version=4)
    view = v4.new_output("display_data", data={body.WIDGET: {"model_id": "1f"}, "text/plain": "VBox(children=1f)"})
    notebook.cells.append(v4.new_code_cell(CODE, outputs=[view]))
    notebook.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": {"state": {}, "version_major": 2}}
    nbformat.write(notebook, path)
    text = publish(executed, executed[:1])[0].read_text()
    assert "VBox" not in text
    assert "widget" not in text


def test_a_notebook_that_did_not_run_has_no_report(executed) -> None:
    with pytest.raises(LabError, match="Run `lab run 14`"):
        publish(executed, executed[1:])


def test_the_search_reads_words_without_tags_scripts_and_pictures() -> None:
    assert words("<p>warm &amp; dry</p><script>let x;</script><svg><title>map</title></svg>") == "warm & dry"


def test_the_command_names_the_files_that_it_wrote(executed) -> None:
    result = CliRunner().invoke(report_command, ["13"])
    assert result.exit_code == 0
    assert [line.split("/")[-1] for line in result.output.splitlines()] == ["13-publish.html", "index.html"]


def test_of_all_notebooks_the_command_names_the_index_alone(executed) -> None:
    (line,) = CliRunner().invoke(report_command, []).output.splitlines()
    assert line.startswith("report ")
    assert line.endswith("index.html")


def test_a_pdf_without_a_browser_is_refused_before_anything_is_written(executed, monkeypatch) -> None:
    monkeypatch.setattr(pdf.shutil, "which", lambda name: None)
    result = CliRunner().invoke(report_command, ["13", "--pdf"])
    assert isinstance(result.exception, LabError)
    assert "Chromium" in str(result.exception)
    assert not folders.reports().exists()


def test_a_browser_that_cannot_start_is_told_with_its_last_words(executed, tmp_path, monkeypatch) -> None:
    broken = tmp_path / "chromium"
    broken.write_text("#!/bin/sh\necho 'error while loading shared libraries: libnss3.so' >&2\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    result = CliRunner().invoke(report_command, ["13", "--pdf"])
    assert isinstance(result.exception, LabError)
    assert "libnss3.so" in str(result.exception)
    assert "print it from your own browser" in result.exception.remedy
