from lab.notebook import facts


def code(identifier, *outputs, tags=()):
    return {
        "cell_type": "code",
        "id": identifier,
        "metadata": {"tags": list(tags), "papermill": {"duration": 3.1}},
        "source": "x",
        "execution_count": 4,
        "outputs": list(outputs),
    }


def test_only_what_was_printed_remains() -> None:
    document = {
        "metadata": {"papermill": {"start": "now"}, "lab": {"goal": "g"}},
        "cells": [
            code(
                "a",
                {"output_type": "stream", "name": "stdout", "text": "one\n"},
                {"output_type": "display_data", "data": {"image/png": "…", "text/plain": "a caption"}, "metadata": {}},
                {"output_type": "stream", "name": "stderr", "text": "two\n"},
            ),
            code("b", {"output_type": "display_data", "data": {facts.VOLATILE: {}, "text/plain": "VBox(1f3c)"}}),
        ],
    }
    reduced = facts.reduced(document)
    first, second = reduced["cells"]
    assert first["outputs"] == [{"name": "stdout", "output_type": "stream", "text": ["one\n", "a caption\n", "two\n"]}]
    assert second["outputs"] == []
    assert "papermill" not in str(reduced)
    assert first["execution_count"] is None


def test_the_injected_cell_is_not_part_of_the_source() -> None:
    document = {"cells": [code("a", tags=["parameters"]), code("b", tags=[facts.INJECTED])]}
    assert facts.sources(document) == [("a", "code", "x")]


def test_the_injected_cell_has_the_same_id_in_each_run() -> None:
    document = {"metadata": {}, "cells": [code("7f3a", tags=[facts.INJECTED])]}
    assert [cell["id"] for cell in facts.reduced(document)["cells"]] == [facts.INJECTED]
