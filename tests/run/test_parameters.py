import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.errors import LabError
from lab.run import catalogue
from lab.run.inspection import Parameter
from lab.run.parameters import resolve, typed


@pytest.fixture
def books(make_notebook):
    make_notebook("01-first", ("p", 'readings: int = 10  # how many\nstage: str = "staging"  # which', "parameters"))
    path = make_notebook("02-second", ("p", "fast: bool = False  # no waits", "parameters"))
    return catalogue.load(path.parent)


def test_a_parameter_goes_typed_to_each_notebook_that_has_it(books) -> None:
    assert resolve(books, {"readings": "25", "fast": "yes"}) == {
        "01-first": {"readings": 25},
        "02-second": {"fast": True},
    }


@pytest.fixture
def alike(make_notebook):
    for name in ("01-first", "02-second", "12-twelfth"):
        path = make_notebook(name, ("p", "readings: int = 10  # how many", "parameters"))
    return catalogue.load(path.parent)


def test_a_parameter_of_one_notebook_goes_to_it_alone_and_before_that_of_all(alike) -> None:
    assert resolve(alike, {"02.readings": "7"}) == {"01-first": {}, "02-second": {"readings": 7}, "12-twelfth": {}}
    both = {"01-first": {"readings": 5}, "02-second": {"readings": 7}, "12-twelfth": {"readings": 5}}
    assert resolve(alike, {"02.readings": "7", "readings": "5"}) == both
    assert resolve(alike, {"readings": "5", "02.readings": "7"}) == both


@pytest.mark.parametrize("name", ["2.readings", "99.readings", ".readings", "02."])
def test_a_parameter_of_no_chosen_notebook_is_refused(alike, name: str) -> None:
    with pytest.raises(LabError, match=f"No chosen notebook has a parameter '{name}'"):
        resolve(alike, {name: "7"})


def test_a_misspelt_parameter_of_one_notebook_is_answered_with_the_nearest_one_that_it_has(books) -> None:
    with pytest.raises(LabError, match=r"'02.fasst'. Did you mean fast\?"):
        resolve(books, {"02.fasst": "true"})


def test_an_unknown_parameter_is_refused_with_the_nearest_name(books) -> None:
    with pytest.raises(LabError, match=r"'reading'. Did you mean readings\?"):
        resolve(books, {"reading": "25"})


def test_a_name_like_no_other_is_answered_with_all_names(books) -> None:
    with pytest.raises(LabError, match="There are: fast, readings, stage"):
        resolve(books, {"zzz": "1"})


@pytest.mark.parametrize(("kind", "text"), [("int", "2.5"), ("int", "many"), ("float", "warm"), ("bool", "maybe")])
def test_a_value_of_another_type_is_refused(kind: str, text: str) -> None:
    with pytest.raises(LabError, match=f"Parameter count takes .*, not '{text}'. Its default is 1: how many"):
        typed(Parameter("count", kind, 1, "how many"), text)


@given(st.integers())
def test_every_whole_number_survives_as_text(value: int) -> None:
    assert typed(Parameter("count", "int", 1, ""), str(value)) == value


@given(st.floats(allow_nan=False))
def test_every_number_survives_as_text(value: float) -> None:
    assert typed(Parameter("rate", "float", 1.0, ""), repr(value)) == value


@given(st.text())
def test_a_text_stays_as_it_is(value: str) -> None:
    assert typed(Parameter("stage", "str", "", ""), value) == value
