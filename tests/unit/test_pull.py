"""A pull of many layers is told in one line."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from vip_tui.nodes.pull import PullProgress


def layer(name: str, status: str, current: int = 0, total: int = 0) -> dict[str, Any]:
    return {"id": name, "status": status, "progressDetail": {"current": current, "total": total}}


def told(*events: dict[str, Any]) -> str:
    progress = PullProgress()
    return [progress.take(event) for event in events][-1]


def test_before_any_layer_docker_s_own_words_are_told() -> None:
    assert told({"status": "Pulling from osixia/keepalived", "id": "2.0.20"}) == (
        "Pulling from osixia/keepalived"
    )


def test_layers_and_bytes_are_added_up() -> None:
    assert (
        told(
            layer("a", "Downloading", 1_000_000, 4_000_000),
            layer("b", "Already exists"),
            layer("c", "Downloading", 500_000, 2_000_000),
        )
        == "1 of 3 layers, 1.5 of 6.0 MB"
    )


def test_what_is_downloaded_counts_whole_also_while_it_is_extracted() -> None:
    """Extracting reports the bytes anew, from nothing."""
    assert (
        told(
            layer("a", "Downloading", 1_000_000, 4_000_000),
            layer("a", "Download complete"),
            layer("a", "Extracting", 32_768, 4_000_000),
        )
        == "0 of 1 layers, 4.0 of 4.0 MB"
    )


@given(
    st.lists(
        st.fixed_dictionaries(
            {},
            optional={
                "id": st.one_of(st.text(max_size=3), st.none(), st.integers()),
                "status": st.one_of(st.text(), st.sampled_from(["Downloading", "Extracting"])),
                "progressDetail": st.one_of(
                    st.none(),
                    st.dictionaries(
                        st.sampled_from(["current", "total"]), st.one_of(st.integers(), st.text())
                    ),
                ),
            },
        ),
        min_size=1,
    )
)
def test_nothing_that_a_daemon_says_breaks_it(events: list[dict[str, Any]]) -> None:
    line = told(*events)
    assert not set("\n\r\x1b\x9b") & set(line)
    assert len(line) < 200
