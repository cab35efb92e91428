"""A risk that was accepted is remembered in the cluster file, and told at every plan."""

from pathlib import Path
from typing import Any

import pytest

from tests.unit.build import cluster, foreign, learnt
from tests.unit.command_line import Cli
from vip_tui.cli import verbs
from vip_tui.deploy.plan import Plan
from vip_tui.deploy.report import ApplyReport
from vip_tui.errors import RefusedError, VipError
from vip_tui.preflight.checks import check_node
from vip_tui.preflight.outcome import Preflight
from vip_tui.store import Store

TAKEN = learnt(2, foreign())


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nodes of which one has another cluster's container; an apply goes as far as its plan."""
    seen = (learnt(1), TAKEN, learnt(3))
    findings = tuple(check_node(cluster(), one, seen) for one in seen)

    async def gather(*_: object) -> Preflight:
        return Preflight(cluster(), seen, findings, 0.1, 3.0)

    def watching(*_: object) -> Any:
        raise VipError("far enough")

    monkeypatch.setattr(verbs, "gather", gather)
    monkeypatch.setattr(verbs, "watching", watching)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "homelab.toml"
    Store().save(cluster(), str(path))
    path.write_text(f"# mine\n{path.read_text()}")
    return path


def allowed(file: Path) -> tuple[str, ...]:
    return Store().load(str(file)).allow


def test_an_apply_that_goes_on_remembers_it(taken: None, cli: Cli, file: Path) -> None:
    ended = cli("apply", str(file), "--yes", "--allow", "container", "--allow", "clock")
    assert "far enough" in ended.err
    assert f"allowed from now on: container, clock; remembered in {file}" in ended.err
    assert allowed(file) == ("container", "clock")
    assert file.read_text().startswith("# mine\n")


def test_a_second_apply_needs_no_option_and_tells_the_risk(
    taken: None, cli: Cli, file: Path
) -> None:
    cli("apply", str(file), "--yes", "--allow", "container")
    before = file.read_text()
    ended = cli("apply", str(file), "--yes", "--allow", "container")
    assert "remembered" not in ended.err
    assert ended.err.count("accepted risk: n2: container: the container belongs to") == 1
    assert file.read_text() == before


def test_an_apply_that_is_refused_remembers_nothing(taken: None, cli: Cli, file: Path) -> None:
    assert cli("apply", str(file), "--yes", "--allow", "clock").code == 4
    assert allowed(file) == ()


def test_an_operator_who_says_no_accepts_nothing(taken: None, cli: Cli, file: Path) -> None:
    cli.type("n\n")
    assert cli("apply", str(file), "--allow", "container").code == 4
    assert allowed(file) == ()


def test_a_plan_changes_not_even_the_file_and_tells_the_risk(
    taken: None, cli: Cli, file: Path
) -> None:
    ended = cli("plan", str(file), "--allow", "container", "--json")
    assert (ended.code, ended.document["kind"]) == (0, "cut-over")
    assert "accepted risk: n2: container" in ended.err
    assert allowed(file) == ()


def test_a_saved_cluster_remembers_it(taken: None, cli: Cli) -> None:
    cli("apply", "homelab", "--yes", "--allow", "container")
    assert Store().load("homelab").allow == ("container",)


def test_a_file_that_cannot_be_written_is_told_and_holds_nothing_up(
    taken: None, cli: Cli, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise VipError("cannot write homelab.toml", "No space left on device")

    monkeypatch.setattr(Store, "write", full)
    ended = cli("apply", str(file), "--yes", "--allow", "container")
    assert "allowed this time only" in ended.err and "No space left" in ended.err
    assert "far enough" in ended.err


@pytest.mark.parametrize("check", ["reachable", "host-key", "auth"])
@pytest.mark.parametrize("command", ["plan", "apply"])
def test_no_way_in_cannot_be_allowed(command: str, check: str, cli: Cli) -> None:
    ended = cli(command, "homelab", "--allow", check, "--json")
    assert ended.code == 2
    assert ended.document["error"]["title"] == f"{check} cannot be allowed"


def test_an_apply_that_was_confirmed_remembers_it(
    taken: None, cli: Cli, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[Plan | None] = []

    async def apply(*arguments: Any) -> tuple[ApplyReport, list[str]]:
        *_, confirmed, begin = arguments
        begun.append(confirmed)
        begin()
        return ApplyReport(ok=True, holder="n1"), ["n1", "n2", "n3"]

    monkeypatch.setattr(verbs, "apply", apply)
    cli.type("y\n")
    assert cli("apply", str(file), "--allow", "container").code == 0
    assert begun[0] is not None
    assert allowed(file) == ("container",)


def test_a_plan_that_has_changed_meanwhile_is_refused_before_anything_is_remembered(
    taken: None, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    plans = iter([1, 2])
    made = verbs.planned

    async def planned(*arguments: Any) -> Any:
        plan = await made(*arguments)
        if next(plans) == 2:
            raise RefusedError("the nodes have changed")
        return plan

    monkeypatch.setattr(verbs, "planned", planned)
    cli.type("y\n")
    assert cli("apply", "homelab", "--allow", "container").code == 4
    assert Store().load("homelab").allow == ()
