"""The command line's promises: exit codes, one JSON document, no question without a terminal."""

from dataclasses import replace
from typing import Any

import pytest

from tests.unit.build import cluster, learnt
from tests.unit.command_line import Cli
from tests.unit.observe import LATER, healthy
from vip_tui import __version__
from vip_tui.cli import verbs
from vip_tui.cli.commands import parse_duration
from vip_tui.deploy.plan import make_plan
from vip_tui.deploy.report import ApplyReport
from vip_tui.drill.report import DrillReport
from vip_tui.errors import InputError, RefusedError, UnreachableError
from vip_tui.live.model import ProbeView
from vip_tui.live.state import snapshot
from vip_tui.preflight import gather
from vip_tui.preflight.checks import check_node
from vip_tui.preflight.learnt import Learnt
from vip_tui.preflight.outcome import Preflight
from vip_tui.preflight.resolve import resolve


def test_the_version_is_printed(cli: Cli) -> None:
    assert cli("--version") == (0, f"vip-tui {__version__}\n", "")


USAGE_ERRORS = pytest.mark.parametrize(
    "arguments",
    [
        ("check",),
        ("nonsense",),
        ("check", "homelab", "--nonsense"),
        ("check", "homelab", "extra"),
        ("check", "office"),
        ("check", "./office.toml"),
        ("plan", "homelab", "--allow", "nonsense"),
        ("check", "homelab", "--identity", "/nonexistent"),
        ("drill", "homelab", "--fault", "nonsense"),
        ("drill", "homelab", "--max-outage", "soon"),
    ],
    ids=" ".join,
)


@USAGE_ERRORS
def test_bad_usage_ends_with_2_and_is_told_on_stderr(arguments: tuple[str, ...], cli: Cli) -> None:
    ended = cli(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("✖ ")


@USAGE_ERRORS
def test_bad_usage_with_json_is_one_document_on_stdout(
    arguments: tuple[str, ...], cli: Cli
) -> None:
    ended = cli(*arguments, "--json")
    assert ended.code == 2
    assert set(ended.document) == {"error"}
    assert set(ended.document["error"]) == {"title", "detail", "hint"}
    assert ended.document["error"]["title"]


def test_without_a_terminal_there_is_no_tui(cli: Cli) -> None:
    ended = cli()
    assert ended.code == 2
    assert "the TUI needs a terminal" in ended.err


@pytest.mark.parametrize("command", ["apply", "drill", "remove"])
def test_without_a_terminal_what_needs_a_yes_is_refused_with_4(command: str, cli: Cli) -> None:
    cli.answer(verbs, "planned", _plan())
    ended = cli(command, "homelab")
    assert ended.code == 4
    assert "--yes" in ended.err


@pytest.mark.parametrize("command", ["apply", "drill", "remove"])
def test_the_refusal_with_json_is_one_document(command: str, cli: Cli) -> None:
    cli.answer(verbs, "planned", _plan())
    ended = cli(command, "homelab", "--json")
    assert ended.code == 4
    assert ended.document["error"]["title"] == "not confirmed"


def test_an_apply_that_changes_nothing_asks_nothing(cli: Cli) -> None:
    planned = _plan()
    nothing = replace(planned, kind="none", nodes=())
    cli.answer(verbs, "planned", nothing)
    cli.answer(verbs, "apply", (ApplyReport(ok=True, holder="n1"), ["n1", "n2", "n3"]))
    assert cli("apply", "homelab").code == 0


PICTURE = snapshot(healthy(), LATER)
ANSWERING = replace(PICTURE, probe=ProbeView(silent=0.1, took=0.0004, asked=True))


def _plan() -> Any:
    seen = [learnt(n) for n in (1, 2, 3)]
    return make_plan(resolve(cluster(), seen, "newpass1"), seen)


@pytest.mark.parametrize(("typed", "code"), [("y\n", 0), ("n\n", 4), ("\n", 4), ("", 4)])
def test_apply_shows_the_plan_and_asks_on_a_terminal(typed: str, code: int, cli: Cli) -> None:
    cli.answer(verbs, "planned", _plan())
    cli.answer(verbs, "apply", (ApplyReport(ok=True, holder="n1"), ["n1", "n2", "n3"]))
    cli.type(typed)
    ended = cli("apply", "homelab")
    assert (ended.code, "create keepalived" in ended.out) == (code, True)


@pytest.mark.parametrize(("typed", "code"), [("y\n", 0), ("n\n", 4)])
def test_apply_with_json_keeps_the_shown_plan_off_stdout(typed: str, code: int, cli: Cli) -> None:
    cli.answer(verbs, "planned", _plan())
    cli.answer(verbs, "apply", (ApplyReport(ok=True, holder="n1"), ["n1", "n2", "n3"]))
    cli.type(typed)
    ended = cli("apply", "homelab", "--json")
    assert ended.code == code
    assert ("ok" in ended.document) == (code == 0)


@pytest.mark.parametrize(("typed", "code"), [("n1\n", 0), ("n2\n", 4), ("y\n", 4), ("", 4)])
def test_a_drill_goes_on_only_where_the_masters_name_is_typed(
    typed: str, code: int, cli: Cli
) -> None:
    cli.answer(verbs, "status", ANSWERING)
    cli.answer(verbs, "drill", DrillReport("homelab", outcome="passed"))
    cli.type(typed)
    ended = cli("drill", "homelab")
    assert ended.code == code
    assert "n1 gives up 198.18.0.100; n2 should take it within 0.41 s" in ended.err


def test_a_drill_of_a_cluster_that_is_not_healthy_is_refused_before_it_asks(cli: Cli) -> None:
    cli.answer(verbs, "status", replace(ANSWERING, verdict="degraded"))
    cli.type("n1\n")
    ended = cli("drill", "homelab")
    assert (ended.code, "Type n1" in ended.err) == (4, False)


def _checked(*seen: Learnt) -> Preflight:
    findings = tuple(check_node(cluster(), one, seen) for one in seen)
    return Preflight(cluster(), seen, findings, 0.1, 0.2)


NO_KEY = learnt(1, problem=InputError("README is not a private key"), host=None, docker=None)
UNREACHED = learnt(1, problem=UnreachableError("n1 does not answer"), host=None, docker=None)


@pytest.mark.parametrize(
    ("first", "code"),
    [
        (learnt(1), 0),
        (learnt(1, answers=("198.18.0.100 answers ping",)), 1),
        (UNREACHED, 3),
        (NO_KEY, 2),
    ],
    ids=["well", "a check fails", "unreachable", "bad input"],
)
def test_check_ends_as_its_findings_say(first: Learnt, code: int, cli: Cli) -> None:
    cli.answer(gather, "gather", _checked(first, learnt(2), learnt(3)))
    assert cli("check", "homelab").code == code


def test_checks_document_is_the_contracts(cli: Cli) -> None:
    cli.answer(gather, "gather", _checked(learnt(1), learnt(2), learnt(3)))
    document = cli("check", "homelab", "--json").document
    assert set(document) == {"ok", "elapsed_s", "listen_s", "nodes", "cluster"}
    assert set(document["nodes"][0]) == {"name", "address", "findings"}
    finding = document["nodes"][0]["findings"][0]
    assert {"id", "status", "summary", "evidence", "remedy"} <= set(finding)


def test_the_plans_document_is_the_contracts(cli: Cli) -> None:
    cli.answer(verbs, "planned", _plan())
    ended = cli("plan", "homelab", "--json")
    assert (ended.code, ended.document["kind"], ended.document["changes"]) == (0, "fresh", 3)


@pytest.mark.parametrize(
    ("problem", "code"),
    [
        (UnreachableError("n1 does not answer"), 3),
        (RefusedError("a check fails"), 4),
        (InputError("the key has a passphrase"), 2),
    ],
)
@pytest.mark.parametrize("arguments", [("plan",), ("apply", "--yes")], ids=" ".join)
def test_what_stops_a_plan_decides_how_it_ends(
    arguments: tuple[str, ...], problem: Exception, code: int, cli: Cli
) -> None:
    cli.answer(verbs, "planned", problem)
    ended = cli(*arguments, "homelab", "--json")
    assert (ended.code, set(ended.document)) == (code, {"error"})


NOBODY = replace(PICTURE, nodes=tuple(replace(one, connected=False) for one in PICTURE.nodes))


@pytest.mark.parametrize(
    ("picture", "code"),
    [(PICTURE, 0), (replace(PICTURE, verdict="degraded"), 1), (NOBODY, 3)],
    ids=["healthy", "degraded", "nobody reached"],
)
def test_status_ends_as_its_verdict_says(picture: Any, code: int, cli: Cli) -> None:
    cli.answer(verbs, "status", picture)
    assert cli("status", "homelab").code == code


def test_the_status_document_is_the_contracts(cli: Cli) -> None:
    cli.answer(verbs, "status", PICTURE)
    document = cli("status", "homelab", "--json").document
    assert set(document) >= {"verdict", "reasons", "holders", "nodes"}
    assert (document["verdict"], document["holders"]) == ("healthy", ["n1"])
    assert set(document["nodes"][0]) == {"name", "address", "state", "holds", "priority"}


@pytest.mark.parametrize(
    ("outcome", "code"),
    [("passed", 0), ("failed", 1), ("inconclusive", 1), ("refused", 4), ("aborted", 4)],
)
def test_a_drill_ends_as_its_outcome_says(outcome: Any, code: int, cli: Cli) -> None:
    cli.answer(verbs, "drill", DrillReport("homelab", outcome=outcome))
    ended = cli("drill", "homelab", "--yes", "--json")
    assert (ended.code, ended.document["outcome"]) == (code, outcome)


@pytest.mark.parametrize(("ok", "code"), [(True, 0), (False, 1)])
def test_apply_ends_as_its_report_says(ok: bool, code: int, cli: Cli) -> None:
    report = ApplyReport(ok=ok, rolled_back=not ok)
    cli.answer(verbs, "apply", (report, ["n1", "n2", "n3"]))
    ended = cli("apply", "homelab", "--yes", "--json")
    assert (ended.code, ended.document["ok"]) == (code, ok)
    assert [one["name"] for one in ended.document["nodes"]] == ["n1", "n2", "n3"]


def test_ctrl_c_ends_with_130(cli: Cli) -> None:
    cli.answer(verbs, "status", KeyboardInterrupt())
    ended = cli("status", "homelab", "--json")
    assert (ended.code, ended.document["error"]["title"]) == (130, "interrupted")


@pytest.mark.parametrize(("text", "seconds"), [("500ms", 0.5), ("1s", 1.0), ("1.5s", 1.5)])
def test_a_duration_has_a_unit(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "1", "s", "1m", "-1s", "1 s", "1e3ms", "1s\n", "nan"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="not a duration"):
        parse_duration(text)


def test_a_node_to_remove_that_does_not_exist_is_bad_input(cli: Cli) -> None:
    seen = [learnt(n) for n in (1, 2, 3)]
    cli.answer(verbs, "look", (seen, ("n1", "n2", "n3")))
    ended = cli("remove", "homelab", "--node", "n9", "--yes", "--json")
    assert ended.code == 2
    assert "n1, n2, n3" in ended.document["error"]["detail"]
