from __future__ import annotations

from lab import drift_picture
from lab.drift import Finding


def test_each_world_has_a_panel_and_each_drifted_device_a_dot():
    calm, loud = Finding(0.1, 0.25, ""), Finding(0.5, 0.25, "")
    said = {
        "quiet": {"values": {"node-1": calm, "node-2": calm}},
        "swapped": {"values": {"node-1": calm, "node-2": loud}, "alarms": {"node-1": loud}},
        "spring": {"values": {"node-1": loud, "node-2": loud}},
    }
    panels = drift_picture.monitors(said).axes
    assert [panel.get_title("left") for panel in panels if panel.axison] == ["quiet", "swapped", "spring"]
    dots = [sorted((int(line.get_xdata()[0]), int(line.get_ydata()[0])) for line in panel.lines) for panel in panels]
    assert dots == [[], [(0, 1), (1, 0)], [(0, 0), (1, 0)], []]
    assert [label.get_text() for label in panels[1].get_xticklabels()] == ["1", "2"]
