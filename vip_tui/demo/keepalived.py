"""keepalived in its container: the image's wrapper, the daemon, and its place on the host."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from vip_tui.demo import image
from vip_tui.demo.clock import Clock, ProcessClock, now_ns
from vip_tui.demo.host import Host
from vip_tui.demo.sayings import STATES, VERSION, opening
from vip_tui.demo.vrrp import Advert, VirtualRouter
from vip_tui.keepalived.log import VrrpState

STARTING_S = 0.04  # from the container's start to keepalived's first state, as in the lab
STOPPING_S = 1.0  # keepalived waits for its child so long [seen]
_STDOUT, _STDERR = 1, 2
_WRAPPER = "/container/run"

Write = Callable[[int, str, int], None]  # stream, text, moment in nanoseconds


class Keepalived:
    """keepalived of the recipe's image, on one simulated host."""

    def __init__(
        self,
        host: Host,
        environment: Mapping[str, str],
        clock: Clock,
        write: Write,
        exited: Callable[[int], None],
    ) -> None:
        self._host = host
        self._environment = environment
        self._clock = ProcessClock(clock)
        self._write = write
        self._exited = exited
        self._at: int | None = None  # when what is told now happened, where that is long ago
        interface = image.environment_of(environment)["KEEPALIVED_INTERFACE"]
        source = host.own_address(interface)
        self.settings = image.settings(environment, source or "")
        self.router = VirtualRouter(self.settings, self._clock, self)
        self._heard: list[Advert] = []  # what the kernel queues for a frozen process
        self._stopping = False
        self._removing = False

    # --- what Docker does with it

    def start(self) -> None:
        """Prepare, then run keepalived."""
        self._preface()
        self._clean()
        self._clock.call_later(STARTING_S, self._begin)

    def terminate(self) -> None:
        """TERM, passed on by the wrapper: keepalived says good-bye and ends a second later."""
        if self._stopping:
            return
        self._stopping = True
        self._info(f"Shutting down {_WRAPPER}/process/keepalived/run (PID 39)...")
        self.log("Stopping")
        self._detach()
        self.router.stop()
        self._clock.call_later(STOPPING_S, self._stopped)

    def kill(self) -> None:
        """KILL: the VIPs stay where they are."""
        self._detach()
        self._clock.end()

    def freeze(self) -> None:
        """The cgroup's freezer holds it."""
        self._clock.freeze()

    def thaw(self) -> None:
        """It reads what was queued for it, then looks at its timers [seen]."""
        if late := self._clock.late():
            self.log(f"A thread timer expired {late:.6f} seconds ago")
        heard, self._heard = self._heard, []
        for advert in heard:
            self.router.receive(advert)
        self._clock.thaw()

    def recall(self, state: VrrpState, started_ns: int) -> None:
        """Tell what it would have told since ``started_ns``, and listen; its router is not on."""
        self._at = started_ns
        self._preface()
        self._announce()
        told = ["Entering BACKUP STATE (init)"]
        if state == "master":
            self._at += int(self.router.down_s * 1e9)
            told += ["Receive advertisement timeout", "Entering MASTER STATE", "setting VIPs."]
        for text in told:
            self.log(f"(VI_1) {text}")
        self.notify(state)
        self._at = None
        self._attach()

    def take_over(self, at_ns: int) -> None:
        """Tell that the master was heard no more at that moment of the past."""
        self._at = at_ns + int(self.router.down_s * 1e9)
        for text in ("Receive advertisement timeout", "Entering MASTER STATE", "setting VIPs."):
            self.log(f"(VI_1) {text}")
        self.notify("master")
        self._at = None

    def _begin(self) -> None:
        self._announce()
        if not self.settings.source:
            self.log(f"(VI_1) interface {self.settings.interface} has no IPv4 address")
            self.log("(VI_1) Entering FAULT STATE (init)")
            self.notify("fault")
            return
        self._attach()
        self.router.start()

    def _stopped(self) -> None:
        self.log(f"Stopped {VERSION}")
        self._tell(_STDERR, f"*** WARNING | {self._minute()} | Init system aborted.")
        self._info(f"Running {_WRAPPER}/process/keepalived/finish...")
        self._clean()
        self._info("Killing all processes...")
        self._exited(0)

    def _clean(self) -> None:
        """The wrapper's finish.sh: the IPv4 VIPs go off whatever interface has them."""
        for vip in self.settings.vips:
            self._host.remove_ip(vip.partition("/")[0])

    # --- its place on the host

    def _attach(self) -> None:
        self._host.listening.append(self._receive)
        self._host.watching.append(self._address_gone)

    def _detach(self) -> None:
        if self._receive in self._host.listening:
            self._host.listening.remove(self._receive)
            self._host.watching.remove(self._address_gone)

    def _receive(self, advert: Advert) -> None:
        if self._clock.frozen:
            self._heard.append(advert)
        else:
            self.router.receive(advert)

    def _address_gone(self, ip: str) -> None:
        ours = any(vip.partition("/")[0] == ip for vip in self.settings.vips)
        if ours and not self._removing:
            self._clock.call_later(0, self.router.vip_lost)

    # --- what VRRP acts on

    def send(self, peer: str, advert: Advert) -> None:
        """An advertisement leaves through the host's interface."""
        self._host.send(peer, advert)

    def set_vips(self) -> None:
        """Add the VIPs, as /32 where no length was given."""
        for vip in self.settings.vips:
            cidr = vip if "/" in vip else f"{vip}/32"
            self._host.add_address(cidr, self.settings.interface)

    def remove_vips(self) -> None:
        """Take them off; that this is our own doing is known."""
        self._removing = True
        self._clean()
        self._removing = False

    def log(self, text: str) -> None:
        """A line of keepalived's own log, with its stamp of whole seconds."""
        self._tell(_STDERR, f"{self._when():%a %b %e %H:%M:%S %Y}: {text}")

    def notify(self, state: str) -> None:
        """The image's notify script writes to the first process's stdout."""
        self._tell(_STDOUT, STATES.get(state, "Unknown state"))

    # --- what it says

    def _preface(self) -> None:
        self._info("CONTAINER_LOG_LEVEL = 3 (info)")
        self._info(f"Running {_WRAPPER}/startup/keepalived...")
        self._info(f"Running {_WRAPPER}/process/keepalived/run...")
        self._tell(_STDOUT, "Waiting config file /usr/local/etc/keepalived/keepalived.confok")

    def _announce(self) -> None:
        for text in opening(self.settings, image.complaints(self._environment)):
            self.log(text)

    def _info(self, text: str) -> None:
        self._tell(_STDERR, f"***  INFO   | {self._minute()} | {text}")

    def _minute(self) -> str:
        return f"{self._when():%Y-%m-%d %H:%M:%S}"

    def _when(self) -> datetime:
        return datetime.fromtimestamp((self._at or now_ns()) // 1_000_000_000, UTC)

    def _tell(self, stream: int, text: str) -> None:
        self._write(stream, text, self._at or now_ns())
