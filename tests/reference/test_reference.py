"""The pages that are read out of the code are current and complete."""

from __future__ import annotations

import re

import pytest

from lab import contract, target
from lab.device import cures
from lab.errors import LabError, code
from lab.reference import __main__ as pages
from lab.reference import errors, shown
from lab.run import catalogue
from lab.target import ROOT

HEADINGS = re.findall(r"^### (.+)$", (ROOT / "docs" / "errors.md").read_text(encoding="utf-8"), re.MULTILINE)


def test_every_page_is_current() -> None:
    assert pages.main(["--check"]) == 0, "run `python -m lab.reference`"


def test_an_old_page_is_found_and_renewed(tmp_path, capsys) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    assert pages.main(["--check"], folder) == 1
    assert "errors.md is out of date" in capsys.readouterr().out
    assert pages.main([], folder) == 0
    assert pages.main(["--check"], folder) == 0


def test_the_run_shown_has_seconds_and_results_of_the_measured_one() -> None:
    row = "| 22 ETL | 53 | 54.1 | 5,050 read · 4,950 rows |"
    assert shown.lines(row) == {"22": " 22 ETL                      ✓  54 s  5,050 read · 4,950 rows"}
    assert len(shown.LINE.findall(shown.english())) == 7


def test_every_error_of_the_lab_and_of_the_board_has_a_heading() -> None:
    assert {one.code for one in errors.raised(errors.SOURCES)} <= set(HEADINGS)
    assert set(cures.CURES) <= set(HEADINGS)
    assert len(HEADINGS) == len(set(HEADINGS)), "a code stands for one place"


def test_an_error_carries_the_code_under_which_the_page_explains_it(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("LAB_STATE", str(tmp_path))
    monkeypatch.setenv("LAB_TARGET", "local")
    with pytest.raises(LabError) as down:
        target.environment()
    with pytest.raises(LabError) as unknown:
        catalogue.find([], "77")
    assert [caught.value.code for caught in (down, unknown)] == ["local.server.required", "run.catalogue.find"]
    assert {"local.server.required", "run.catalogue.find"} <= set(HEADINGS)


def test_a_code_leaves_out_what_only_python_sees() -> None:
    assert code("lab.report.pdf", "_Print.__init__.<locals>.<lambda>") == "report.pdf.Print"


def test_a_notebook_shows_message_remedy_and_code_instead_of_a_traceback() -> None:
    error = LabError("It is not there.", "Make it.")
    shown = error._render_traceback_()
    assert shown[:2] == ["✗ It is not there.", "→ Make it."]
    assert shown[2].endswith(": see docs/errors.md")


def test_values_that_are_filled_in_are_dots(tmp_path) -> None:
    package = tmp_path / "lab"
    package.mkdir()
    lines = ["def find(name):", "    raise LabError(f'No {name!r} is ' + 'here.', hint) from None"]
    (package / "shelf.py").write_text("\n".join(lines))
    assert list(errors.raised(package)) == [errors.Raised("shelf.find", "No … is here.", "…")]


def test_the_contract_page_names_every_member() -> None:
    text = (ROOT / "docs" / "contract.md").read_text(encoding="utf-8")
    assert [name for name in contract.SCHEMA["properties"] if f"| `{name}` |" not in text] == []
