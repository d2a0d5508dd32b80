"""The address of a forwarded port, from the variables that a codespace sets."""

import pytest

from lab import codespaces

VARIABLES = {
    "CODESPACES": "true",
    "CODESPACE_NAME": "octocat-lab-x7",
    "GITHUB_CODESPACES_PORT_FORWARDING_DOMAIN": "app.github.dev",
}


def test_a_codespace_shows_each_port_under_a_name_of_its_own(monkeypatch) -> None:
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    assert codespaces.origin(8888) == "https://octocat-lab-x7-8888.app.github.dev"


@pytest.mark.parametrize("missing", VARIABLES)
def test_where_a_variable_is_missing_there_is_no_such_address(monkeypatch, missing) -> None:
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv(missing)
    assert codespaces.origin(8888) is None
