"""Spark's configuration folder for one endpoint: the script stays the one that runs in AWS."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlparse

# A JVM that lives for seconds spends most of them on compiling what it never uses again.
SHORT_LIVED: Final = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
JARS: Final = ("hadoop-aws-3.3.1.jar", "aws-java-sdk-bundle-1.11.901.jar")


def write(folder: Path, endpoint: str, region: str, scratch: Path, more: Mapping[str, str]) -> None:
    """Write ``spark-defaults.conf`` and the region of the endpoint's host for S3A.

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
        "spark.driver.extraJavaOptions": f"-Dderby.system.home={scratch} {SHORT_LIVED}",
        "spark.jars": ",".join(str(jar) for jar in jars()),
        "spark.hadoop.fs.s3.impl": "org.apache.hadoop.fs.s3a.S3AFileSystem",
        "spark.hadoop.fs.s3a.endpoint": f"http://{host}",
        "spark.hadoop.fs.s3a.path.style.access": "true",
        "spark.hadoop.fs.s3a.connection.ssl.enabled": "false",
        "spark.hadoop.fs.s3a.aws.credentials.provider": "com.amazonaws.auth.EnvironmentVariableCredentialsProvider",
        "spark.hadoop.fs.s3a.change.detection.mode": "none",
        "spark.hadoop.fs.s3a.buffer.dir": str(scratch),
    }
    text = "".join(f"{name} {value}\n" for name, value in {**settings, **more}.items())
    (folder / "spark-defaults.conf").write_text(text)
    mapping = {"hostNameRegex": r"127\.0\.0\.1.*", "regionName": region}
    (folder / "awssdk_config_override.json").write_text(json.dumps({"hostRegexToRegionMappings": [mapping]}))


def jars() -> list[Path]:
    """Return the two S3A jars, found without importing their package, whose import starts Spark."""
    spec = importlib.util.find_spec("sagemaker_pyspark")
    if spec is None or spec.origin is None:
        raise RuntimeError("sagemaker-pyspark is missing: run `make setup`")
    return [Path(spec.origin).parent / "jars" / name for name in JARS]
