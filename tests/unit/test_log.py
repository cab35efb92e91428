"""What keepalived's log says: states, times, and no passwords."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.build import captured
from vip_tui.keepalived.log import entered_state, redact, since, timestamp_ns

LOG = captured("keepalived-2.2.7.log").splitlines()
STARTED = "2026-11-22T21:31:57.5Z"


def test_a_real_log_tells_the_states_in_their_order() -> None:
    assert [state for line in LOG if (state := entered_state(line))] == ["backup", "master"]


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("(VI_1) Entering BACKUP STATE (init)", "backup"),
        ("(VI_1) Entering BACKUP STATE", "backup"),
        ("(VI_1) Entering MASTER STATE", "master"),
        ("(VI_1) Entering FAULT STATE", "fault"),
        ("(my instance-2) Entering MASTER STATE", "master"),
    ],
)
def test_a_state_that_is_entered_is_recognised(text: str, state: str) -> None:
    assert entered_state(f"Mon May 28 14:51:33 2018: {text}") == state


@pytest.mark.parametrize(
    "text",
    [
        *("", "(VI_1) Receive advertisement timeout", "(VI_1) sent 0 priority"),
        *("(VI_1) Backup received priority 0 advertisement", "(VI_1) setting VIPs."),
        "(VI_1) removing VIPs.",
        "(VI_1) Received advert from 198.18.0.12 with lower priority 100, ours 200, forcing new "
        "election",
        "(VI_1) Master received advert from 198.18.0.12 with higher priority 200, ours 150",
        "(VI_1) equal priority advert received from remote host with our IP address",
        "(VI_1) received an invalid passwd!",
        "(VI_1) ip address associated with VRID 51 not present in MASTER advert : 198.18.0.100",
        *("daemon is already running", "(VI_1) Unknown interface!"),
        *("I'm the MASTER! Whup whup.", "Ok, i'm just a backup, great.", "Fault, what ?"),
        *("*** INFO   | 2026-11-22 | Running /container/run/process/keepalived/run...",),
        *("Entering MASTER STATE", "(VI_1) Entering MASTER", "(VI_1) entering backup state"),
    ],
)
def test_other_lines_enter_no_state(text: str) -> None:
    assert entered_state(f"Mon May 28 14:51:33 2018: {text}") is None


@pytest.mark.parametrize("digits", range(10))
def test_dockers_time_has_up_to_nine_digits_of_a_second(digits: int) -> None:
    fraction = "123456789"[:digits]
    text = f"2026-11-22T21:32:36{'.' if fraction else ''}{fraction}Z"
    assert timestamp_ns(text) == 1_795_383_156_000_000_000 + int(fraction.ljust(9, "0"))


def test_a_container_that_never_started_was_started_in_the_year_one() -> None:
    moment = timestamp_ns("0001-01-01T00:00:00Z")
    assert moment is not None
    assert moment < 0


@pytest.mark.parametrize(
    "text",
    [
        *("", "now", "2026-11-22", "2026-11-22 21:32:36Z", "2026-11-22T21:32:36", "(VI_1)"),
        *("2026-13-22T21:32:36Z", "2026-00-22T21:32:36Z", "0000-01-01T00:00:00Z"),
    ],
)
def test_what_is_no_time_is_none(text: str) -> None:
    assert timestamp_ns(text) is None


@given(st.datetimes(min_value=datetime.datetime(1970, 1, 1)))
def test_every_moment_is_read_to_the_microsecond(moment: datetime.datetime) -> None:
    exact = moment - datetime.datetime(1970, 1, 1)
    assert (
        timestamp_ns(f"{moment.isoformat()}Z") == exact // datetime.timedelta(microseconds=1) * 1000
    )


@pytest.mark.parametrize(
    ("stamp", "counts"),
    [
        ("2026-11-22T21:31:57.499999999Z", False),
        ("2026-11-22T21:31:57.500000000Z", True),
        ("2026-11-22T21:31:58Z", True),
        ("2026-11-22T21:31:57Z", False),
    ],
)
def test_only_what_was_written_since_the_start_counts(stamp: str, counts: bool) -> None:
    line = f"{stamp} Mon: (VI_1) Entering MASTER STATE"
    assert since(line, STARTED) == ("Mon: (VI_1) Entering MASTER STATE" if counts else None)


@pytest.mark.parametrize("line", ["", "no time here", "(VI_1) Entering MASTER STATE"])
def test_a_line_without_a_time_does_not_count(line: str) -> None:
    assert since(line, STARTED) is None


def test_nothing_counts_where_the_start_is_not_known() -> None:
    assert since("2026-11-22T21:31:58Z x", "") is None


@pytest.mark.parametrize(
    "line",
    [
        "Sun Nov 22 21:31:57 2026:    Password = hunter2",
        "    auth_pass hunter2",
        "   Password = hunter2 and more",
        "*** DEBUG  | 2026-11-22 21:31:57 | KEEPALIVED_PASSWORD = hunter2",
        "KEEPALIVED_PASSWORD=hunter2",
    ],
)
def test_a_password_is_hidden(line: str) -> None:
    assert "hunter2" not in redact(line)


@pytest.mark.parametrize("secret", ["password", "Password", "a=b:c", "*", "auth_pas"])
def test_a_password_that_looks_like_the_words_around_it_is_hidden(secret: str) -> None:
    assert redact(f"   Password = {secret}") == "   Password = ********"
    assert redact(f"   auth_pass {secret}1") == "   auth_pass ********"


@pytest.mark.parametrize(
    "line",
    [
        "(VI_1) received an invalid passwd!",
        "   Authentication type = SIMPLE_PASSWORD",
        "   Priority = 150",
        "(VI_1) Entering MASTER STATE",
    ],
)
def test_other_lines_are_left_as_they_are(line: str) -> None:
    assert redact(line) == line
