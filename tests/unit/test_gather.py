"""Who answers for a VIP, from what ping and the neighbour table said."""

import pytest

from tests.unit.build import VIP
from vip_tui.preflight.gather import heard

MAC = "b2:d4:6e:19:87:13"


@pytest.mark.parametrize(
    ("output", "answer"),
    [
        (f"answered\n{VIP} dev eth0 lladdr {MAC} REACHABLE \n", f"{VIP} is at {MAC}"),
        (f"{VIP} dev eth0 lladdr {MAC} REACHABLE \n", f"{VIP} is at {MAC}"),
        (f"answered\n{VIP} dev eth0 lladdr {MAC} STALE \n", f"{VIP} answers ping"),
        ("answered\n", f"{VIP} answers ping"),
    ],
)
def test_whoever_answers_ping_or_arp_is_told(output: str, answer: str) -> None:
    assert heard(VIP, output) == answer


@pytest.mark.parametrize(
    "output",
    ["", f"{VIP} dev eth0 INCOMPLETE \n", f"{VIP} dev eth0  FAILED \n", f"{VIP} dev eth0 lladdr\n"],
)
def test_nobody_answers(output: str) -> None:
    assert heard(VIP, output) == ""


@pytest.mark.parametrize("state", ["STALE", "DELAY", "PROBE", "FAILED"])
def test_a_neighbour_that_is_only_remembered_is_no_answer(state: str) -> None:
    # Seen: a second after the VIP was taken off its holder the table still had it, as DELAY.
    assert heard(VIP, f"{VIP} dev eth0 lladdr {MAC} {state} \n") == ""


def test_the_answer_has_no_escapes() -> None:
    assert "\x1b" not in heard(VIP, f"{VIP} dev eth0 lladdr \x1b[2J REACHABLE")
