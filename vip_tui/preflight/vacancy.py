"""Which addresses and VRIDs of a subnet are free, as far as one node can tell. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from itertools import islice

from vip_tui.preflight.facts import HostFacts
from vip_tui.preflight.heard import Heard

ASKED = 8  # candidates for the VIP
SUGGESTED = 3
DEFAULT_VRID = 51  # the image's own


@dataclass(frozen=True, slots=True)
class Vacancy:
    """Addresses that nobody answers for, a VRID that nobody advertises, and what is not known."""

    addresses: tuple[IPv4Address, ...] = ()
    vrid: int | None = None
    notes: tuple[str, ...] = ()


def candidates(network: IPv4Network, hosts: Iterable[HostFacts]) -> tuple[IPv4Address, ...]:
    """Addresses near the top of a subnet that no node has, where DHCP pools seldom reach."""
    taken = {address.ip.ip for host in hosts for address in host.addresses}
    last = int(network.broadcast_address) - 1
    # The very last ones of a larger subnet are often a router's.
    top = last - 4 if network.num_addresses >= 64 else last
    below = (IPv4Address(number) for number in range(top, int(network.network_address), -1))
    return tuple(islice((address for address in below if address not in taken), ASKED))


def read_vacancy(
    asked: Sequence[IPv4Address], heard: Heard, by: str, running: Collection[int]
) -> Vacancy:
    """What the node ``by`` heard when it asked for these; ``running`` are the nodes' own VRIDs."""
    answers = {answer.vip: answer for answer in heard.answers if not answer.problem}
    free = [
        address
        for address in asked
        if (answer := answers.get(address)) and not (answer.anybody or answer.own)
    ]
    addresses = tuple(free[:SUGGESTED])
    why = str(heard.problem) if heard.problem else ""
    notes = []
    if addresses:
        notes.append(
            f"nobody answered {by} for {', '.join(map(str, addresses))}; whether a DHCP server "
            "gives them out is not known"
        )
    elif answers:
        notes.append(f"no free address was found among {asked[-1]} to {asked[0]}")
    else:
        reasons = dict.fromkeys(answer.problem for answer in heard.answers if answer.problem)
        reason = why or "; ".join(reasons) or "no answer"
        notes.append(f"which addresses are free could not be asked: {reason}")
    if heard.adverts is None:
        reason = heard.deaf or why or "no answer"
        notes.append(f"which VRIDs are in use could not be heard: {reason}")
        return Vacancy(addresses, None, tuple(notes))
    in_use = {advert.vrid for advert in heard.adverts} | set(running)
    if in_use:
        notes.append(f"VRIDs in use: {', '.join(map(str, sorted(in_use)))}")
    return Vacancy(
        addresses, choose_vrid(addresses[0] if addresses else None, in_use), tuple(notes)
    )


def choose_vrid(vip: IPv4Address | None, in_use: Collection[int]) -> int | None:
    """The VIP's last byte, as is customary, or the next one that nobody uses."""
    first = (int(vip) & 0xFF if vip is not None else 0) or DEFAULT_VRID
    order = (*range(first, 256), *range(1, first))
    return next((number for number in order if number not in in_use), None)
