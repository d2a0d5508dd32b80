"""A report as PDF, printed by a real Chromium that is found as a person's would be: by its name on the PATH."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from lab.report.cli import report_command
from lab.run import folders
from tests.browser import chrome

pytestmark = pytest.mark.slow


def test_a_report_is_printed_with_its_pages(level1: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "chromium").symlink_to(chrome.browser())
    monkeypatch.setenv("PATH", str(tmp_path) + os.pathsep + os.environ["PATH"])
    result = CliRunner().invoke(report_command, ["13", "--pdf"])
    assert result.exit_code == 0, result.output
    printed = (folders.reports() / "13-publish-and-store.pdf").read_bytes()
    assert printed.startswith(b"%PDF-")
    assert b"%%EOF" in printed[-32:]
    pages = len(re.findall(rb"/Type\s*/Page\b", printed))
    assert 2 <= pages <= 12
    assert set(re.findall(rb"/MediaBox \[0 0 (\d+)[.\d]* (\d+)", printed)) == {(b"594", b"841")}, "A4 in points"
    assert b"/Subtype /Image" in printed, "figures are inside"
