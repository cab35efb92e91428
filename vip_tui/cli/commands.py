"""The command line: one command per verb; opens the TUI or runs headless.

Heavy modules are imported where they are used, so that ``--help`` is quick.
"""

from __future__ import annotations

import re
from functools import partial
from typing import Annotated

import typer

from vip_tui import __version__
from vip_tui.cli.opening import Ssh, open_last, open_tui
from vip_tui.cli.options import (
    Allow,
    AsJson,
    ClusterName,
    Yes,
    allowed,
    confirm,
    confirm_typed,
    connects,
    require_terminal,
    with_fleet,
)
from vip_tui.cluster import Cluster, parse_node
from vip_tui.errors import InputError, UnreachableError

app = typer.Typer(
    name="vip-tui",
    help="One virtual IP for a Docker Swarm cluster with keepalived: set up, watch, rehearse.",
    add_completion=False,
    no_args_is_help=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.callback(invoke_without_command=True)
@connects
def root(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
    *,
    ssh: Ssh,
) -> None:
    """Without a command: the live panel of the cluster used last, or the set-up wizard."""
    if version:
        print(f"vip-tui {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        open_last(ssh)


@app.command()
def demo(
    nodes: Annotated[int, typer.Option(metavar="N", help="How many nodes: 2 to 9.")] = 3,
    live: Annotated[bool, typer.Option("--live", help="Start deployed, on the panel.")] = False,
    misfortune: Annotated[
        list[str] | None,
        typer.Option("--with", metavar="MISFORTUNE", help="What goes wrong; `--with help` lists."),
    ] = None,
) -> None:
    """The whole program on a cluster inside it: no nodes, no root, no Docker needed."""
    from vip_tui.cli.demo import list_misfortunes, run_demo

    if misfortune and "help" in misfortune:
        list_misfortunes()
        return
    run_demo(nodes, live, tuple(misfortune or ()))


@app.command()
@connects
def setup(
    cluster: Annotated[str | None, typer.Argument(metavar="CLUSTER")] = None,
    *,
    ssh: Ssh,
) -> None:
    """The set-up wizard, prefilled with a cluster where one is given."""
    open_tui(None, cluster, ssh)


@app.command()
@connects
def watch(cluster: ClusterName, *, ssh: Ssh) -> None:
    """The live panel."""
    open_tui(cluster, None, ssh)


@app.command()
@connects
def discover(
    manager: Annotated[
        str, typer.Argument(metavar="MANAGER", help="A manager of the Swarm: [user@]address[:port]")
    ],
    *,
    ssh: Ssh,
) -> None:
    """Print a cluster file made from a Swarm: its nodes, and what suits them."""
    first = parse_node(manager)
    from vip_tui.cli import discovering

    raise typer.Exit(discovering.discover(first, ssh))


@app.command()
@connects
def check(
    cluster: ClusterName,
    as_json: AsJson = False,
    fix: Annotated[bool, typer.Option("--fix", help="Mend what vip-tui can mend.")] = False,
    yes: Yes = False,
    *,
    ssh: Ssh,
) -> None:
    """Look whether the nodes are ready, and what stands in the way."""
    if yes and not fix:
        raise InputError("there is nothing to confirm", "--yes without --fix", "Give --fix too.")
    wanted = _load(cluster)
    if fix:
        from vip_tui.cli import fixing

        raise typer.Exit(fixing.fix(wanted, ssh, yes, as_json))
    from vip_tui.cli import output
    from vip_tui.preflight.gather import gather

    outcome = with_fleet(ssh, lambda fleet: gather(wanted, fleet))
    if as_json:
        output.document(output.preflight_document(outcome))
    else:
        output.preflight(outcome)
    if outcome.unreached:
        raise typer.Exit(2 if outcome.bad_input else 3)
    raise typer.Exit(0 if outcome.ok else 1)


@app.command()
@connects
def plan(
    cluster: ClusterName,
    as_json: AsJson = False,
    allow: Allow = None,
    *,
    ssh: Ssh,
) -> None:
    """What apply would change, and nothing else."""
    wanted = _load(cluster)
    permitted = allowed(allow)
    from vip_tui.cli import output, verbs

    made = with_fleet(ssh, lambda fleet: verbs.planned(wanted, fleet, permitted))
    if as_json:
        output.document(made.as_dict())
    else:
        output.plan(made)


@app.command()
@connects
def apply(
    cluster: ClusterName,
    yes: Yes = False,
    as_json: AsJson = False,
    allow: Allow = None,
    *,
    ssh: Ssh,
) -> None:
    """Deploy or change keepalived on all nodes, as the plan says."""
    wanted = _load(cluster)
    permitted = allowed(allow)
    from vip_tui.cli import accepting, output, verbs
    from vip_tui.deploy.plan import Plan

    confirmed: Plan | None = None
    if not yes:
        confirmed = with_fleet(ssh, lambda fleet: verbs.planned(wanted, fleet, permitted))
        if confirmed.changes:
            require_terminal()
            output.plan(confirmed, aside=as_json)
            confirm("Do this?", yes)
    remember = partial(accepting.remember, cluster, wanted, permitted)
    report, names = with_fleet(
        ssh, lambda fleet: verbs.apply(wanted, fleet, permitted, confirmed, remember)
    )
    if as_json:
        output.document(report.as_dict(names))
    elif report.ok:
        output.line(f"✔ {report.holder} holds the VIP ({report.elapsed_s:.1f} s)", "bold green")
    elif report.problem is not None:
        output.error(report.problem, as_json=False)
        back = "rolled back" if report.rolled_back else "NOT rolled back everywhere: see above"
        output.line(back, "bold red")
    if isinstance(report.problem, UnreachableError):
        raise typer.Exit(3)
    raise typer.Exit(0 if report.ok else 1)


@app.command()
@connects
def status(
    cluster: ClusterName,
    as_json: AsJson = False,
    *,
    ssh: Ssh,
) -> None:
    """The cluster's verdict, with its reasons."""
    wanted = _load(cluster)
    from vip_tui.cli import output, verbs

    picture = with_fleet(ssh, lambda fleet: verbs.status(wanted, fleet))
    if as_json:
        output.document(output.status_document(picture))
    else:
        output.status(picture)
    if not any(node.connected for node in picture.nodes):
        raise typer.Exit(3)
    raise typer.Exit(0 if picture.verdict == "healthy" else 1)


@app.command()
@connects
def drill(
    cluster: ClusterName,
    fault: Annotated[str, typer.Option(help="What to do to the master: stop.")] = "stop",
    max_outage: Annotated[
        str | None, typer.Option(metavar="T", help="Fail over this outage: 500ms, 1s.")
    ] = None,
    yes: Yes = False,
    as_json: AsJson = False,
    *,
    ssh: Ssh,
) -> None:
    """Stop the master, measure how long the VIP is gone, and restore."""
    wanted = _load(cluster)
    if fault != "stop":
        raise InputError("no such fault in this version", repr(fault), "Give --fault stop.")
    limit = parse_duration(max_outage) if max_outage is not None else None
    from vip_tui.cli import output, verbs
    from vip_tui.drill.safety import BlastRadius, require_safe

    radius: BlastRadius | None = None
    if not yes:
        # The consequence is named before anything is asked, and typed before anything is done.
        require_terminal()
        picture = with_fleet(ssh, lambda fleet: verbs.status(wanted, fleet))
        radius = require_safe(picture)
        confirm_typed(f"{radius.text}.", radius.source)
    report = with_fleet(ssh, lambda fleet: verbs.drill(wanted, fleet, limit, radius))
    if as_json:
        output.document(report.as_dict())
    else:
        output.line(report.text())
    code = {"passed": 0, "refused": 4, "aborted": 4}.get(report.outcome, 1)
    raise typer.Exit(code)


@app.command()
@connects
def remove(
    cluster: ClusterName,
    node: Annotated[str | None, typer.Option(metavar="NODE", help="Only this node.")] = None,
    yes: Yes = False,
    as_json: AsJson = False,
    *,
    ssh: Ssh,
) -> None:
    """Take keepalived and the VIP off the nodes."""
    wanted = _load(cluster)
    vips = ", ".join(str(vip) for vip in wanted.vip)
    confirm(f"Remove keepalived of {wanted.name}? Clients lose {vips}.", yes)
    from vip_tui.cli import output, verbs

    reports = with_fleet(ssh, lambda fleet: verbs.take_down(wanted, fleet, node))
    ok = all(report.ok for report in reports)
    if as_json:
        output.document({"ok": ok, "nodes": [report.as_dict() for report in reports]})
    else:
        output.line("✔ removed" if ok else "✖ not removed everywhere", "bold")
    if any(report.unreached for report in reports):
        raise typer.Exit(3)
    raise typer.Exit(0 if ok else 1)


def _load(reference: str) -> Cluster:
    from vip_tui.store import Store

    return Store().load(reference)


def parse_duration(text: str) -> float:
    """``500ms``, ``1s`` or ``1.5s`` in seconds; raises InputError."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s)", text)
    if not match:
        raise InputError("not a duration", repr(text), "Give it as 500ms or 1s.")
    return float(match[1]) / (1000 if match[2] == "ms" else 1)
