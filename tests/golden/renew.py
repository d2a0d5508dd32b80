"""Renew the goldens: ``python -m tests.golden.renew`` writes every golden and the expected counts.

With numbers, ``python -m tests.golden.renew 13 14``, it writes those and runs what they need. Review the difference
before you keep it.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from lab.notebook import form
from lab.run import catalogue
from tests.golden.goldens import EXPECTED, Goldens, own_aws, path


def renew(numbers: Sequence[str]) -> None:
    """Write the goldens of these notebooks (all without any) and their expected counts."""
    expected = json.loads(EXPECTED.read_text(encoding="utf-8")) if EXPECTED.exists() else {}
    with tempfile.TemporaryDirectory() as folder, own_aws(Path(folder)):
        goldens = Goldens()
        for book in catalogue.load():
            if not numbers or book.number in numbers:
                path(book).write_text(form.text(goldens.facts(book.number)), encoding="utf-8")
                expected[book.number] = goldens.counts(book.number)
                print(path(book).name, flush=True)
    EXPECTED.write_text(json.dumps(expected, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    renew(sys.argv[1:])
