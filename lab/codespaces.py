"""GitHub Codespaces: the address at which its proxy shows a port of this computer to the browser."""

from __future__ import annotations

import os


def origin(port: int) -> str | None:
    """Return the origin of a forwarded port, such as ``https://NAME-8888.app.github.dev``; None outside a codespace.

    Source: https://docs.github.com/en/codespaces/developing-in-a-codespace/default-environment-variables-for-your-codespace
    """
    if os.environ.get("CODESPACES") != "true":
        return None
    name, domain = os.environ.get("CODESPACE_NAME"), os.environ.get("GITHUB_CODESPACES_PORT_FORWARDING_DOMAIN")
    return f"https://{name}-{port}.{domain}" if name and domain else None
