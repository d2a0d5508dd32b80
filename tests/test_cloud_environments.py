"""Codespaces, devcontainers and Binder: what each of them starts is started here, without network or root."""

from __future__ import annotations

import json
import os
import pty
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPCookieProcessor, Request, build_opener, urlopen

import pytest
from jupyter_client import BlockingKernelClient
from websocket import WebSocketBadStatusException, create_connection

from lab import open as lab_open
from lab import ports
from lab.local import server
from lab.run.folders import ROOT
from tests import jupyter_server
from tests.test_codespaces import VARIABLES

DEVCONTAINER = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text())
TOKEN = "of-this-test"
SECONDS = 120.0  # when a start that says nothing is given up; nothing here measures time


def expanded(text: str) -> str:
    """What a devcontainer makes of its variables."""
    return text.replace("${containerWorkspaceFolder}", str(ROOT)).replace("${containerEnv:PATH}", "/usr/bin:/bin")


@contextmanager
def started(
    command: Sequence[str | Path], folder: Path, variables: dict[str, str], port: int, *said: str
) -> Iterator[None]:
    """Run a server until it has said each of these texts and takes connections, let the test go on, and end it."""
    with subprocess.Popen(
        command, cwd=folder, env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        late = threading.Timer(SECONDS, process.kill)
        late.start()
        missing, heard = set(said), []
        for line in process.stdout or ():
            heard.append(line)
            missing = {text for text in missing if text not in line}
            if not missing:
                break
        try:
            assert not missing, "".join(heard)
            while process.poll() is None and not listens(port):
                time.sleep(0.05)  # it says so a moment before it listens
            late.cancel()
            yield
        finally:
            late.cancel()
            jupyter_server.end(process)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    """A state folder whose AWS, if one was started, is stopped."""
    folder = tmp_path / "state"
    yield folder
    server.stop(folder)


def test_the_devcontainers_setup_ends_before_the_editor_opens_and_is_part_of_a_prebuild() -> None:
    assert ":3.11" in DEVCONTAINER["image"]
    assert DEVCONTAINER["updateContentCommand"] == "make setup"
    assert "waitFor" not in DEVCONTAINER, "tools wait for updateContentCommand unless told otherwise"
    subprocess.run(DEVCONTAINER["updateContentCommand"], shell=True, cwd=ROOT, check=True, capture_output=True)


def test_the_devcontainers_aws_outlives_the_terminal_that_started_it(state: Path) -> None:
    child, terminal = pty.fork()
    if child == 0:
        variables = os.environ | {"LAB_STATE": str(state)}
        os.chdir(ROOT)
        os.execve("/bin/sh", ["sh", "-c", DEVCONTAINER["postStartCommand"]], variables)
    with suppress(OSError):  # the end of a terminal is an input/output error
        while os.read(terminal, 1024):
            pass
    os.close(terminal)
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGHUP)
    assert os.waitpid(child, 0)[1] == 0
    running = server.status(state)
    assert running is not None
    with pytest.raises(HTTPError):  # an answer, though to nobody known
        urlopen(running.endpoint)


def test_the_devcontainers_terminal_and_editor_find_the_labs_python() -> None:
    assert shutil.which("lab", path=expanded(DEVCONTAINER["remoteEnv"]["PATH"])) == str(ROOT / ".venv" / "bin" / "lab")
    python = expanded(DEVCONTAINER["customizations"]["vscode"]["settings"]["python.defaultInterpreterPath"])
    subprocess.run([python, "-c", "import ipykernel_launcher, lab"], cwd="/", check=True)


def page_and_socket(port: int, host: str, origin: str) -> tuple[int, int]:
    """The status of JupyterLab's page and of a websocket, asked as a browser behind a proxy asks. 101: it is open."""
    jar = CookieJar()
    request = Request(f"http://127.0.0.1:{port}/lab?token={TOKEN}", headers={"Host": host})
    try:
        page = build_opener(HTTPCookieProcessor(jar)).open(request).status
    except HTTPError as error:
        page = error.code
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)
    try:
        address = f"ws://127.0.0.1:{port}/api/events/subscribe?token={TOKEN if not cookies else ''}"
        with closing(create_connection(address, host=host, origin=origin, cookie=cookies)):
            return page, 101
    except WebSocketBadStatusException as error:
        return page, error.status_code


def test_jupyterlab_answers_the_proxy_of_its_codespace_and_no_other_origin(monkeypatch, tmp_path: Path) -> None:
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    port = ports.free(0)
    own = f"octocat-lab-x7-{port}.app.github.dev"
    settings = {"JUPYTER_TOKEN": TOKEN, "JUPYTER_CONFIG_DIR": str(tmp_path), "BROWSER": "true"}
    with started(
        lab_open.command(None, port), ROOT, os.environ | settings, port, f"https://{own}/lab/tree/notebooks/00"
    ):
        assert page_and_socket(port, own, f"https://{own}") == (200, 101)
        assert page_and_socket(port, "localhost", f"https://{own}") == (200, 101)  # the proxy may rewrite Host
        assert page_and_socket(port, "localhost", "https://mallory-8888.app.github.dev") == (200, 403)
        assert page_and_socket(port, "mallory-8888.app.github.dev", f"https://{own}")[0] == 403


def test_binders_scripts_can_be_executed_and_ask_for_the_labs_python() -> None:
    for name in ("postBuild", "start"):
        assert os.access(ROOT / ".binder" / name, os.X_OK)
    assert (ROOT / ".binder" / "runtime.txt").read_text().strip() == "python-3.11"


def built(folder: Path) -> dict[str, str]:
    """Run Binder's postBuild beside a make that does nothing, and return the variables of a server of its own."""
    (folder / "bin").mkdir()
    (folder / "bin" / "make").write_text(f'#!/bin/sh\necho "$@ $UV_NO_CACHE $PIP_NO_CACHE_DIR" > {folder}/made\n')
    (folder / "bin" / "make").chmod(0o755)
    variables = {"PATH": f"{folder}/bin:/usr/bin:/bin", "HOME": str(folder), "NB_PYTHON_PREFIX": str(folder / "server")}
    subprocess.run([ROOT / ".binder" / "postBuild"], cwd=ROOT, env=variables, check=True, capture_output=True)
    return variables | {"JUPYTER_PATH": str(folder / "server" / "share" / "jupyter")}


def test_binders_build_is_the_same_set_up_without_caches_and_the_servers_kernel_is_the_labs(tmp_path: Path) -> None:
    kernels = Path(built(tmp_path)["JUPYTER_PATH"]) / "kernels"
    assert (tmp_path / "made").read_text().split() == ["setup", "1", "1"]
    kernel = json.loads((kernels / "python3" / "kernel.json").read_text())
    assert Path(kernel["argv"][0]) == ROOT / ".venv" / "bin" / "python"
    assert kernel["env"] == {"PYTHONSTARTUP": str(lab_open.KERNEL)}


def test_binders_server_starts_in_any_folder_and_its_kernel_reaches_the_aws(state: Path, tmp_path: Path) -> None:
    port, runtime = ports.free(0), tmp_path / "runtime"
    own = {"LAB_STATE": str(state), "JUPYTER_RUNTIME_DIR": str(runtime), "JUPYTER_CONFIG_DIR": str(tmp_path)}
    options = [f"--port={port}", "--no-browser", f"--IdentityProvider.token={TOKEN}"]
    if os.geteuid() == 0:
        options.append("--allow-root")
    command = [ROOT / ".binder" / "start", sys.executable, "-m", "jupyter_server", *options]
    with started(command, tmp_path, built(tmp_path) | own, port, "embedded AWS", f":{port}/"):
        code = "import shutil; from lab import target; print(target.account(), shutil.which('lab'))"
        assert printed(port, runtime, code).split() == ["000000000000", str(ROOT / ".venv" / "bin" / "lab")]


def printed(port: int, runtime: Path, code: str) -> str:
    """Start a kernel through the server as JupyterLab does, and return what it prints."""
    headers = {"Authorization": f"token {TOKEN}"}
    with urlopen(Request(f"http://127.0.0.1:{port}/api/kernels", data=b"{}", headers=headers)) as answer:
        kernel: dict[str, Any] = json.load(answer)
    client = BlockingKernelClient(connection_file=str(runtime / f"kernel-{kernel['id']}.json"))
    client.load_connection_file()
    client.start_channels()
    said: list[str] = []
    try:
        client.wait_for_ready(timeout=SECONDS)
        client.execute_interactive(code, output_hook=lambda message: said.append(message["content"].get("text", "")))
    finally:
        client.stop_channels()
    return "".join(said)


def test_the_conda_environment_ends_with_the_locks_versions_and_the_cdk_as_the_set_up_does() -> None:
    head = (ROOT / "environment.yml").read_text().partition("name:")[0]
    for command in ("--require-hashes -r requirements.lock", "--no-build-isolation -e .", "npm ci --prefix infra/cdk"):
        assert command in head, "notebook 00 fails where `lab doctor` misses something"
