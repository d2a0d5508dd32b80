import pytest

from lab.run.inspection import Parameter, parameters, parse


def test_names_types_defaults_and_meanings_come_from_the_text() -> None:
    source = 'stage: str = "staging"  # stage to deploy\nrate: float = 2  # records a second\n'
    source += "fast: bool = False  # no waits\n"
    assert parse(source) == [
        Parameter("stage", "str", "staging", "stage to deploy"),
        Parameter("rate", "float", 2, "records a second"),
        Parameter("fast", "bool", False, "no waits"),
    ]


def test_a_negative_number_is_a_literal() -> None:
    assert parse("low: int = -50  # coldest") == [Parameter("low", "int", -50, "coldest")]


@pytest.mark.parametrize(
    "source",
    [
        "twice: int = count * 2  # derived",
        "import os",
        "count = 3  # no type",
        'count: int = "3"  # a text',
        "count: int = True  # a bool is no number",
        "names: list = []  # no type for the command line",
        "print(1)",
    ],
)
def test_anything_but_a_typed_literal_is_refused_with_its_line(source: str) -> None:
    with pytest.raises(ValueError, match="line 2"):
        parse(f"ok: int = 1  # fine\n{source}")


def test_only_the_first_tagged_cell_counts(make_notebook) -> None:
    path = make_notebook(
        "01-two", ("a", "first: int = 1  # a", "parameters"), ("b", "second: int = 2  # b", "parameters")
    )
    assert [item.name for item in parameters(path)] == ["first"]


def test_a_notebook_without_the_cell_has_no_parameters(make_notebook) -> None:
    assert parameters(make_notebook("01-none", ("a", "x = 1"))) == []
