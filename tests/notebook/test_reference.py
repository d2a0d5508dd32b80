from lab.notebook import reference
from lab.run import catalogue, folders


def test_the_reference_in_the_docs_is_current() -> None:
    page = folders.ROOT / "docs" / "notebooks.md"
    assert reference.main(["--check"], page) == 0, "run `python -m lab.notebook.reference`"


def test_every_parameter_has_a_row_with_its_meaning() -> None:
    page = reference.text(catalogue.load())
    assert "| `readings` | int | `1000` | readings to replay |" in page
    assert "### 90 Clean up" in page


def test_an_old_page_is_found_and_renewed(tmp_path, capsys) -> None:
    page = tmp_path / "notebooks.md"
    page.write_text("old")
    assert reference.main(["--check"], page) == 1
    assert "notebooks.md is out of date" in capsys.readouterr().out
    assert reference.main([], page) == 0
    assert reference.main(["--check"], page) == 0
