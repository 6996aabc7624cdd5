"""Text made to fit the limits of providers."""

from __future__ import annotations

from taskflow.notifications.transports.fitting import fit, fit_parameters, without_mentions


def test_text_is_made_to_fit_in_composed_letters() -> None:
    assert fit("Việc", 4) == "Việc"
    assert fit("Vie\u0323\u0302c", 4) == "Việc"
    assert fit("Xây dựng kế hoạch triển khai", 20) == "Xây dựng kế hoạch…"
    assert len(fit("x" * 50, 30)) == 30
    assert fit_parameters({"name": "Trần  Thị\nMai"}, {"ten": ("name", 30), "khac": ("nothing", 5)}) == {
        "ten": "Trần Thị Mai",
        "khac": "–",
    }
    assert without_mentions("Gửi [@123] xem") == "Gửi  xem"
