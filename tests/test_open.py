"""The commands that start servers: what they start, not the servers themselves."""

import ast
import os

import pytest

from lab import dashboard
from lab import open as lab_open
from lab.errors import LabError
from lab.notebook import form
from lab.run import catalogue


def test_jupyterlab_opens_on_the_first_notebook_on_loopback() -> None:
    line = lab_open.command(None, 8888)
    assert "--ServerApp.ip=127.0.0.1" in line
    assert f"--LabApp.default_url=/lab/tree/notebooks/{catalogue.load()[0].path.name}" in line


def test_jupyterlab_opens_on_the_notebook_asked_for() -> None:
    assert "--LabApp.default_url=/lab/tree/notebooks/13-publish-and-store.ipynb" in lab_open.command("13", 0)
    with pytest.raises(LabError, match="no notebook '77'"):
        lab_open.command("77", 0)


@pytest.mark.parametrize(("user", "allowed"), [(0, True), (1000, False)])
def test_root_is_allowed_for_root_only(monkeypatch, user, allowed) -> None:
    monkeypatch.setattr(lab_open.os, "geteuid", lambda: user)
    assert ("--allow-root" in lab_open.command(None, 0)) is allowed


def test_a_persons_own_places_of_settings_stay_behind_the_labs(monkeypatch) -> None:
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "/etc/own")
    assert lab_open.environment()["JUPYTER_CONFIG_PATH"].split(os.pathsep) == [str(lab_open.SETTINGS), "/etc/own"]
    monkeypatch.delenv("JUPYTER_CONFIG_PATH")
    assert lab_open.environment()["JUPYTER_CONFIG_PATH"] == str(lab_open.SETTINGS)


def test_the_dashboard_page_has_a_heading_the_dashboard_cells_and_their_parameters_only(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("LAB_BUILD", str(tmp_path))
    heading, *cells = form.read(dashboard.page())["cells"]
    assert heading["cell_type"] == "markdown"
    assert [cell["metadata"]["tags"] for cell in cells] == [["parameters"], ["dashboard"]]
    assert "Panel(" in cells[1]["source"]


def test_the_dashboard_is_served_on_loopback(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("LAB_BUILD", str(tmp_path))
    line = dashboard.command(8866, "dark")
    assert "--theme=dark" in line
    assert line[2:5] == ["voila", str(tmp_path / "dashboard.ipynb"), "--port=8866"]
    assert "--Voila.ip=127.0.0.1" in line
    assert "default-src 'self'" in line[-1]
    assert "allow_origin" not in line[-1]


def test_the_dashboard_takes_the_forwarded_address_of_its_codespace(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("LAB_BUILD", str(tmp_path))
    monkeypatch.setenv("CODESPACES", "true")
    monkeypatch.setenv("CODESPACE_NAME", "calm-lab")
    monkeypatch.setenv("GITHUB_CODESPACES_PORT_FORWARDING_DOMAIN", "app.github.dev")
    settings = ast.literal_eval(dashboard.command(8866, "dark")[-1].partition("=")[2])
    assert settings["allow_origin"] == "https://calm-lab-8866.app.github.dev"
    assert "default-src 'self'" in settings["headers"]["Content-Security-Policy"]
