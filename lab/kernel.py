"""What a kernel of ``lab open`` runs first: a name that no cell has made gets a remedy in place of a stack trace.

``lab open`` names this file in ``PYTHONSTARTUP``, which a kernel runs when it starts. So a restarted kernel has it too,
before its first cell.
Source: https://ipython.readthedocs.io/en/stable/config/options/kernel.html (InteractiveShellApp.exec_PYTHONSTARTUP)
"""

from __future__ import annotations

from types import TracebackType
from typing import Any, Final

from IPython import get_ipython

REMEDY: Final = (
    "→ A cell above makes it: choose Run ▸ Run All Above Selected Cell, then run this cell again.",
    "  (After a restart of the kernel every name is gone. A misspelt name looks the same.)",
)


def tell(
    shell: Any, kind: type[BaseException], error: BaseException, trace: TracebackType, tb_offset: Any = None
) -> Any:
    """Show a NameError of a cell in words, and one from elsewhere with its stack of calls.

    The parameters are those of IPython's handlers.
    Source: https://ipython.readthedocs.io/en/stable/api/generated/IPython.core.interactiveshell.html (set_custom_exc)
    """
    innermost = trace
    while innermost.tb_next:
        innermost = innermost.tb_next
    if innermost.tb_frame.f_globals is not shell.user_ns:
        shell.showtraceback((kind, error, trace), tb_offset=tb_offset)
        return None
    lines = [f"✗ {error}.", *REMEDY]
    shell._showtraceback(kind, error, lines)
    return lines


_shell = get_ipython()
if _shell is not None:  # a plain Python in JupyterLab's terminal reads this file too
    _shell.set_custom_exc((NameError,), tell)
