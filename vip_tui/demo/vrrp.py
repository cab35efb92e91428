"""One virtual router of VRRP version 2 (RFC 3768, section 6.4), with keepalived's habits and words.

What keepalived does beyond the RFC was seen in the lab: ``nopreempt`` accepts a lower priority,
a lost VIP makes the master give up, and two masters settle at their next advertisement.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Protocol

from vip_tui.demo.clock import Clock, Timer
from vip_tui.keepalived.log import VrrpState
from vip_tui.keepalived.recipe import ADVERT_INTERVAL_S
from vip_tui.keepalived.timers import master_down_interval, skew_time

NAME = "VI_1"  # the image's template calls its instance so


@dataclass(frozen=True, slots=True)
class Settings:
    """How keepalived was configured."""

    vrid: int
    priority: int
    password: str
    vips: tuple[str, ...]
    peers: tuple[str, ...]
    interface: str
    source: str  # the interface's own address
    nopreempt: bool = True
    advert_s: float = ADVERT_INTERVAL_S


@dataclass(frozen=True, slots=True)
class Advert:
    """An advertisement on the wire."""

    source: str
    vrid: int
    priority: int
    password: str
    vips: tuple[str, ...]


class Surroundings(Protocol):
    """What the state machine acts on."""

    def send(self, peer: str, advert: Advert) -> None:
        """Send an advertisement to one peer."""

    def set_vips(self) -> None:
        """Put the VIPs on the interface."""

    def remove_vips(self) -> None:
        """Take the VIPs off it."""

    def log(self, text: str) -> None:
        """Write a line to keepalived's log."""

    def notify(self, state: str) -> None:
        """Run the notify script with the new state."""


class VirtualRouter:
    """The state machine; its clock is injected, so that a test can turn it."""

    def __init__(self, settings: Settings, clock: Clock, around: Surroundings) -> None:
        self.settings = settings
        self.state: VrrpState | None = None  # None is the RFC's Initialize
        self._clock = clock
        self._around = around
        self._timer: Timer | None = None

    @property
    def skew_s(self) -> float:
        """Skew time of our priority, in seconds."""
        return skew_time(self.settings.priority, self.settings.advert_s)

    @property
    def down_s(self) -> float:
        """Master down interval, in seconds."""
        return master_down_interval(self.settings.priority, self.settings.advert_s)

    def start(self) -> None:
        """Begin as backup (RFC 3768, 6.4.1)."""
        self._enter("backup", " (init)")
        self._wait(self.down_s)

    def resume(self, state: VrrpState) -> None:
        """Go on in a state that was reached some time ago; nothing is logged."""
        self.state = state
        if state == "master":
            self._around.set_vips()
            self._advertise()
        else:
            self._wait(self.down_s)

    def stop(self) -> None:
        """A clean stop: a master says good-bye with priority 0 (RFC 3768, 6.4.3)."""
        self._quiet()
        if self.state == "master":
            self._goodbye()
        self.state = None
        self._around.notify("stop")

    def receive(self, advert: Advert) -> None:
        """An advertisement came in."""
        if not self._valid(advert):
            return
        if self.state == "backup":
            self._as_backup(advert)
        elif self.state == "master":
            self._as_master(advert)

    def vip_lost(self) -> None:
        """Somebody took a VIP off our interface: as master we give up."""
        if self.state != "master":
            return
        self._enter("backup")
        self._goodbye()
        self._wait(self.skew_s)

    def _valid(self, advert: Advert) -> bool:
        """Whether it is one of ours (RFC 3768, section 7.1)."""
        ours = self.settings
        if self.state is None or advert.vrid != ours.vrid:
            return False
        if advert.password != ours.password:
            self._log("received an invalid passwd!")
            return False
        if sorted(advert.vips) != sorted(ours.vips):
            self._log(f"received an invalid ip number count associated with VRID {ours.vrid}!")
            return False
        return True

    def _as_backup(self, advert: Advert) -> None:
        if advert.priority == 0:
            self._log("Backup received priority 0 advertisement")
            self._wait(self.skew_s)
        elif self.settings.nopreempt or advert.priority >= self.settings.priority:
            self._wait(self.down_s)
        else:
            self._log(f"received lower priority ({advert.priority}) advert - discarding")

    def _as_master(self, advert: Advert) -> None:
        ours = self.settings.priority
        if advert.priority == 0:
            self._advertise()
        elif self._beats(advert):
            self._log(f"Master received advert from {advert.source} with {self._how(advert)}")
            self._enter("backup")
            self._log("removing VIPs.")
            self._around.remove_vips()
            self._wait(self.down_s)
        elif advert.priority < ours:
            told = f"Received advert from {advert.source} with lower priority {advert.priority}"
            self._log(f"{told}, ours {ours}, forcing new election")
            self._advertise()

    def _beats(self, advert: Advert) -> bool:
        """Whether the other master is the better one; the higher address settles a tie."""
        theirs = (advert.priority, ipaddress.ip_address(advert.source).packed)
        return theirs > (
            self.settings.priority,
            ipaddress.ip_address(self.settings.source).packed,
        )

    def _how(self, advert: Advert) -> str:
        if advert.priority == self.settings.priority:
            return f"same priority {advert.priority} but higher IP address than ours"
        return f"higher priority {advert.priority}, ours {self.settings.priority}"

    def _down(self) -> None:
        """Nobody advertised for too long: we are the master now."""
        self._log("Receive advertisement timeout")
        self._enter("master")
        self._log("setting VIPs.")
        self._around.set_vips()
        self._greet()
        self._advertise()

    def _greet(self) -> None:
        """The gratuitous ARPs that tell switches and hosts (keepalived sends five)."""
        for vip in self.settings.vips:
            where = f"on {self.settings.interface} for {vip.partition('/')[0]}"
            self._log(f"Sending/queueing gratuitous ARPs {where}")
            for _ in range(5):
                self._around.log(f"Sending gratuitous ARP {where}")

    def _goodbye(self) -> None:
        self._log("sent 0 priority")
        self._send(0)
        self._log("removing VIPs.")
        self._around.remove_vips()

    def _advertise(self) -> None:
        self._send(self.settings.priority)
        self._quiet()
        self._timer = self._clock.call_later(self.settings.advert_s, self._advertise)

    def _send(self, priority: int) -> None:
        ours = self.settings
        advert = Advert(ours.source, ours.vrid, priority, ours.password, ours.vips)
        for peer in ours.peers:
            self._around.send(peer, advert)

    def _enter(self, state: VrrpState, how: str = "") -> None:
        self.state = state
        self._log(f"Entering {state.upper()} STATE{how}")
        self._around.notify(state)

    def _wait(self, seconds: float) -> None:
        self._quiet()
        self._timer = self._clock.call_later(seconds, self._down)

    def _quiet(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _log(self, text: str) -> None:
        self._around.log(f"({NAME}) {text}")
