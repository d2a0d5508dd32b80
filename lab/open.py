"""``lab open``: JupyterLab on the first notebook, with the AWS up, its address and key in the environment."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

import click

from lab import codespaces, ports, target
from lab.local import server
from lab.run import catalogue, folders

#: What each kernel runs first. A path, not an import: importing it would make this process a kernel.
KERNEL: Final = Path(__file__).with_name("kernel.py")
#: Settings of JupyterLab's page beside a person's own: it neither offers news nor looks for a newer version, since the
#: lab uses no network, and its versions are locked.
#: Source: https://jupyterlab.readthedocs.io/en/stable/user/announcements.html
SETTINGS: Final = Path(__file__).with_name("jupyter")


def command(notebook: str | None, port: int) -> list[str]:
    """Return the command line of JupyterLab.

    Parameters: notebook, number or name to open (None: the first); port, a free one, or 0 for any.
    Raises: LabError when there is no such notebook.
    """
    books = catalogue.load()
    book = catalogue.find(books, notebook) if notebook else books[0]
    start = f"lab/tree/{book.path.relative_to(folders.ROOT).as_posix()}"
    options = [
        *("--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}", "--ServerApp.port_retries=0"),
        *(f"--LabApp.default_url=/{start}", *through_proxy(port)),
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options.append("--allow-root")  # containers often have no other user; the server stays on loopback with a token
    return [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={folders.ROOT}", *options]


def environment() -> dict[str, str]:
    """Return the variables of JupyterLab and its kernels, beside those of the target.

    Source: https://docs.jupyter.org/en/latest/use/jupyter-directories.html (JUPYTER_CONFIG_PATH)
    """
    own = os.environ.get("JUPYTER_CONFIG_PATH")
    return {
        "PYTHONPATH": str(folders.ROOT),
        "PYTHONSTARTUP": str(KERNEL),
        "JUPYTER_CONFIG_PATH": os.pathsep.join([str(SETTINGS), *([own] if own else [])]),
    }


def through_proxy(port: int) -> list[str]:
    """Return what JupyterLab must be told to be reached through the proxy of a codespace, and nothing elsewhere.

    The proxy's own address, and no other, is taken as if it were this computer's: it stands in Origin, and in Host
    where the proxy leaves that header alone. The token is asked for as everywhere. The page is opened by its address,
    since the browser cannot see a file of the codespace.
    Sources: https://jupyter-server.readthedocs.io/en/latest/other/full-config.html (allow_origin, local_hostnames) and
    https://github.com/microsoft/vscode-dev-containers/pull/1439 (JupyterLab refused by its origin in codespaces)
    """
    address = codespaces.origin(port)
    if address is None:
        return []
    host = address.removeprefix("https://")
    return [
        f"--ServerApp.allow_origin={address}",
        *("--ServerApp.local_hostnames=localhost", f"--ServerApp.local_hostnames={host}"),
        *(f"--ServerApp.custom_display_url={address}", "--ServerApp.use_redirect_file=False"),
    ]


@click.command("open")
@click.argument("notebook", required=False)
@click.option("--port", type=click.IntRange(0, 65535), default=8888, show_default=True, help="0: any free port.")
def open_command(notebook: str | None, port: int) -> None:
    """Open the notebooks in JupyterLab, with the embedded AWS up."""
    if target.name() == "local":
        server.start(target.state_folder(), target.region())
    line = command(notebook, ports.free(port))
    variables = os.environ | target.environment() | environment()
    os.execve(line[0], line, variables)  # noqa: S606 - the server takes this process's place, so Ctrl-C ends it
