"""What a drill found: for scripts, for people, and for the journal on disk."""

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from vip_tui.drill.journal import Journal
from vip_tui.drill.report import DrillReport
from vip_tui.errors import VipError
from vip_tui.store import Store

KEYS = {
    *("outcome", "reasons", "fault", "from", "to", "outage_ms", "bound_ms"),
    *("resolution_ms", "probe", "restored", "report"),
}


def passed(**more: Any) -> DrillReport:
    plain: dict[str, Any] = {
        "outcome": "passed",
        "source": "n1",
        "target": "n2",
        "outage_s": 0.41987,
        "bound_s": 0.4140625,
        "resolution_s": 0.01,
        "restored": True,
        "timeline": [(0.0, "n1: docker stop"), (0.42, "n2 has the VIP")],
    }
    return DrillReport("homelab", **{**plain, **more})


def test_the_document_has_the_keys_of_the_contract() -> None:
    document = passed().as_dict()
    assert set(document) >= KEYS
    assert (document["outcome"], document["from"], document["to"]) == ("passed", "n1", "n2")
    assert json.loads(json.dumps(document)) == document


def test_durations_are_in_milliseconds() -> None:
    document = passed().as_dict()
    found = [document[key] for key in ("outage_ms", "bound_ms", "resolution_ms")]
    assert found == [419.9, 414.1, 10.0]


def test_what_was_not_measured_is_null_and_not_zero() -> None:
    document = DrillReport("homelab").as_dict()
    assert [document[key] for key in ("outage_ms", "bound_ms", "resolution_ms")] == [None] * 3
    assert (document["outcome"], document["restored"]) == ("inconclusive", False)


def test_an_outage_of_nothing_is_zero_and_not_null() -> None:
    assert passed(outage_s=0.0).as_dict()["outage_ms"] == 0.0


def test_people_read_what_happened_how_long_it_took_and_how_it_ended() -> None:
    text = passed().text()
    assert text.splitlines()[0] == "Drill of homelab: stop, PASSED"
    assert "n1 was stopped; n2 took the VIP." in text
    assert "Without the VIP: 420 ms (± 10 ms, by ping); the timers allow 414 ms" in text
    assert "n1 is back as backup." in text
    assert "+0.420 s  n2 has the VIP" in text


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"target": None}, "nobody took the VIP"),
        ({"restored": False}, "n1 was NOT seen to come back"),
        ({"reasons": ["nobody took the VIP over"]}, "Reason: nobody took the VIP over"),
        ({"outcome": "failed"}, "FAILED"),
    ],
)
def test_people_read_what_went_wrong(changed: dict[str, Any], words: str) -> None:
    assert words in passed(**changed).text()


def test_a_refused_drill_does_not_claim_to_have_stopped_anybody() -> None:
    text = DrillReport("homelab", outcome="refused", reasons=["degraded"]).text()
    assert "was stopped" not in text
    assert "Reason: degraded" in text


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(Store(tmp_path / "data"), "homelab")


def lines(journal: Journal) -> list[dict[str, Any]]:
    return [json.loads(line) for line in journal.path.read_text().splitlines()]


def test_a_journal_is_one_json_line_per_step(journal: Journal) -> None:
    journal.write("fault", node="n1", note="ünï\ncode")
    written = lines(journal)
    assert [line["step"] for line in written] == ["started", "fault"]
    assert (written[0]["cluster"], written[1]["note"]) == ("homelab", "ünï\ncode")
    assert all(line["time"].endswith("Z") for line in written)


def test_a_journal_is_its_owners_only(journal: Journal) -> None:
    assert stat.S_IMODE(journal.path.stat().st_mode) == 0o600


def test_every_line_is_on_the_disk_before_the_next_step(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda _handle: synced.append(len(lines(journal))))
    journal.write("armed")
    journal.write("fault")
    assert synced == [2, 3]


def test_a_journal_that_cannot_be_kept_is_told(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(VipError, match="No space left on device"):
        journal.write("fault")
