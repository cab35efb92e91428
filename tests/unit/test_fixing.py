"""``check --fix``: what it shows, when it asks, what it answers, and how it ends."""

from collections.abc import Sequence
from typing import Any

import pytest

from tests.unit.build import cluster, foreign, host, learnt
from tests.unit.command_line import Cli
from vip_tui.cli import fixing
from vip_tui.errors import RefusedError, UnreachableError, VipError
from vip_tui.preflight.checks import check_node
from vip_tui.preflight.learnt import Learnt
from vip_tui.preflight.mend import Mended
from vip_tui.preflight.outcome import Preflight
from vip_tui.preflight.remedies import Remedy

LOADABLE = host(2, ip_vs="loadable", ip_vs_persisted=False)
USER = host(2, root=False, user="alice", ip_vs="loadable", ip_vs_persisted=False)


def outcome(second: Learnt) -> Preflight:
    seen = (learnt(1), second, learnt(3))
    findings = tuple(check_node(cluster(), one, seen) for one in seen)
    return Preflight(cluster(), seen, findings, 0.1, 3.0)


BAD = outcome(learnt(2, facts=LOADABLE))
GOOD = outcome(learnt(2))


class Nodes:
    """The nodes as the command sees them: what the first look finds, and those after it."""

    def __init__(self, patch: pytest.MonkeyPatch, *outcomes: Preflight) -> None:
        self.outcomes = list(outcomes)
        self.asked: list[dict[str, Any]] = []
        self.run: list[Remedy] = []
        self.problem: BaseException | None = None
        patch.setattr(fixing, "gather", self._gather)
        patch.setattr(fixing, "mend_all", self._mend_all)

    async def _gather(self, *_: object, **how: Any) -> Preflight:
        self.asked.append(how)
        return self.outcomes.pop(0)

    async def _mend_all(
        self, found: Sequence[Remedy], _cluster: object, _fleet: object, tell: Any
    ) -> tuple[Mended, ...]:
        self.run += found
        if isinstance(self.problem, VipError):
            done = [Mended(remedy, problem=self.problem) for remedy in found]
        elif self.problem is not None:
            raise self.problem
        else:
            done = [Mended(remedy, "seen to be so") for remedy in found]
        for one in done:
            tell(one)
        return tuple(done)


@pytest.fixture
def nodes(monkeypatch: pytest.MonkeyPatch) -> Nodes:
    return Nodes(monkeypatch, BAD, GOOD)


def test_it_shows_the_commands_and_the_way_back_and_then_asks(cli: Cli, nodes: Nodes) -> None:
    cli.type("y\n")
    ended = cli("check", "homelab", "--fix")
    assert ended.code == 0
    for text in ("n2  load ip_vs", "modprobe ip_vs", "modprobe -r ip_vs", fixing.QUESTION):
        assert text in ended.err
    assert ended.err.index("modprobe -r ip_vs") < ended.err.index(fixing.QUESTION)
    assert "✔ n2: load ip_vs, have it loaded at every boot: seen to be so" in ended.err


def test_the_answer_is_what_is_so_afterwards(cli: Cli, nodes: Nodes) -> None:
    ended = cli("check", "homelab", "--fix", "--yes", "--json")
    assert ended.code == 0
    (fixed,) = ended.document["fixed"]
    assert fixed == {
        "node": "n2",
        "check": "ip_vs",
        "fix": "load-ip_vs",
        "ok": True,
        "evidence": "seen to be so",
        "commands": list(nodes.run[0].commands),
        "back": list(nodes.run[0].back),
    }
    told = {one["name"]: one["findings"] for one in ended.document["nodes"]}
    assert [one["status"] for one in told["n2"] if one["id"] == "ip_vs"] == ["pass"]


def test_only_the_nodes_that_were_touched_are_looked_at_again(cli: Cli, nodes: Nodes) -> None:
    cli("check", "homelab", "--fix", "--yes")
    assert nodes.asked == [{}, {"before": BAD, "only": {1}}]


@pytest.mark.parametrize("typed", ["n\n", "\n", "", None])
def test_without_a_yes_nothing_is_run(typed: str | None, cli: Cli, nodes: Nodes) -> None:
    if typed is not None:
        cli.type(typed)
    ended = cli("check", "homelab", "--fix", "--json")
    assert (ended.code, nodes.run) == (4, [])
    assert ended.document["error"]["title"] == "not confirmed"
    assert "modprobe ip_vs" in ended.err


@pytest.mark.parametrize("words", [(), ("--json",)], ids=["text", "json"])
def test_where_there_is_nothing_to_mend_it_says_so_and_asks_nothing(
    words: tuple[str, ...], cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    Nodes(monkeypatch, GOOD)
    ended = cli("check", "homelab", "--fix", *words)
    assert ended.code == 0
    assert "There is nothing that vip-tui can mend." in ended.err
    assert not words or ended.document["fixed"] == []


TAKEN = learnt(2, foreign(), LOADABLE)
LOST = learnt(2, problem=UnreachableError("n2 does not answer"), host=None, docker=None)


@pytest.mark.parametrize(
    ("after", "problem", "code"),
    [
        (GOOD, None, 0),
        (outcome(TAKEN), None, 1),
        (outcome(LOST), None, 3),
        (BAD, VipError("modprobe fails"), 1),
        (BAD, UnreachableError("connection lost"), 3),
        (BAD, RefusedError("the lock is held"), 4),
        (outcome(LOST), RefusedError("the lock is held"), 4),
    ],
)
def test_it_ends_as_things_are_afterwards(
    after: Preflight,
    problem: VipError | None,
    code: int,
    cli: Cli,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Nodes(monkeypatch, BAD, after).problem = problem
    ended = cli("check", "homelab", "--fix", "--yes", "--json")
    assert ended.code == code
    assert ended.document["fixed"][0]["ok"] == (problem is None)
    assert problem is None or f"✖ n2: {nodes_title()}: {problem}" in ended.err


def nodes_title() -> str:
    return "load ip_vs, have it loaded at every boot"


def test_ctrl_c_is_told(cli: Cli, nodes: Nodes) -> None:
    nodes.problem = KeyboardInterrupt()
    assert cli("check", "homelab", "--fix", "--yes").code == 130


def test_who_may_not_become_root_is_told_and_asked_nothing(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = outcome(learnt(2, facts=USER))
    nodes = Nodes(monkeypatch, bad)
    nodes.problem = VipError("n2 cannot be mended from here")
    ended = cli("check", "homelab", "--fix")
    assert ended.code == 1
    assert "not from here: alice is neither root nor may use sudo" in ended.err
    assert fixing.QUESTION not in ended.err
    assert nodes.asked == [{}]


def test_yes_alone_is_bad_usage(cli: Cli) -> None:
    ended = cli("check", "homelab", "--yes")
    assert (ended.code, "--fix" in ended.err) == (2, True)
