from lab.run import metrics


def test_metrics_come_back_as_written(build) -> None:
    document = {"summary": "3 counted", "counts": {"n": 3}, "checks": []}
    metrics.write("13", document)
    assert metrics.read("13") == document
    assert metrics.summary("13") == "3 counted"
    assert [path.name for path in (build / "metrics").iterdir()] == ["13.json"]


def test_a_notebook_without_metrics_has_no_summary() -> None:
    assert metrics.read("13") is None
    assert metrics.summary("13") == ""
