"""The checks of the machine and its kernel: each trouble is told in its words, and then mended."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.lab import Lab, Node
from tests.lab.console import Console, Ended

pytestmark = pytest.mark.lab

VIP = "198.18.0.170"
ARP_IGNORE = "/proc/sys/net/ipv4/conf/eth0/arp_ignore"
SKEWED = "#!/bin/sh\necho $(($(/bin/date +%s) + 90))\n"
Finding = dict[str, str]


@dataclass
class Seen:
    """Three nodes as `check` found them: with what is amiss, and after that was put right."""

    first: Node  # the broken line, arp_ignore, a keepalived outside; ip_vs is loaded
    second: Node  # the first one's machine-id, a cloud's words, a full disk, a clock ahead
    third: Node  # a kernel without ip_vs, in a Swarm
    before: Ended
    after: Ended

    def told(self, ended: Ended, node: Node) -> dict[str, Finding]:
        (one,) = [one for one in ended.document["nodes"] if one["address"] == node.address]
        return {finding["id"]: finding for finding in one["findings"]}


@pytest.fixture(scope="module")
def seen(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    made: list[Node] = []
    try:
        made.append(third := lab.add_node(ip_vs="missing"))
        made.append(first := lab.add_node(ip_vs="loaded", docker=False))
        made.append(second := lab.add_node(ip_vs="loadable", vendor="Amazon EC2", docker=False))
        first_id, second_id = (node.run("cat", "/etc/machine-id").stdout for node in made[1:])
        first.run("tee", "/etc/modules", input="loop\nmodprobe ip_vs\n")
        first.run("tee", ARP_IGNORE, input="8\n")
        first.run("cp", "/bin/sleep", "/tmp/keepalived")
        process = first.run("sh", "-c", "setsid /tmp/keepalived 300 >/dev/null 2>&1 & echo $!")
        second.run("tee", "/etc/machine-id", input=first_id)
        second.run("mount", "-t", "tmpfs", "-o", "size=150m", "tmpfs", "/var/lib/docker")
        second.run("install", "-m", "755", "/dev/stdin", "/usr/local/bin/date", input=SKEWED)
        third.wait_docker()
        third.docker("swarm", "init", "--advertise-addr", third.address)
        console = Console(lab, tmp_path_factory.mktemp("machine"))
        file = console.cluster([first, second, third], VIP)
        before = console.run("check", file, "--json")
        first.run("tee", "/etc/modules", input="loop\nip_vs\n")
        first.run("tee", ARP_IGNORE, input="1\n")
        first.run("kill", process.stdout.strip())
        second.run("tee", "/etc/machine-id", input=second_id)
        second.run("umount", "/var/lib/docker")
        second.run("rm", "/usr/local/bin/date")
        second.run("tee", "/sys/class/dmi/id/sys_vendor", input="QEMU\n")
        second.run("modprobe", "ip_vs")
        second.run("tee", "/etc/modules-load.d/ip_vs.conf", input="ip_vs\n")
        third.docker("swarm", "leave", "--force")
        yield Seen(first, second, third, before, console.run("check", file, "--json"))
    finally:
        for node in made:
            node.destroy()


@pytest.mark.parametrize(
    ("node", "check", "status", "words"),
    [
        ("first", "ip_vs", "warn", "a line in /etc/modules does nothing"),
        ("first", "ip_vs", "warn", "/etc/modules: modprobe ip_vs"),
        ("first", "sysctl", "fail", f"nobody gets an answer for {VIP} on eth0: arp_ignore is 8"),
        ("first", "sysctl", "fail", "sysctl -w net.ipv4.conf.eth0.arp_ignore=1"),
        ("first", "container", "fail", "keepalived"),
        ("second", "ip_vs", "warn", "not loaded; apply loads it"),
        ("second", "disk", "fail", "no room to pull the image: 150 MB free for Docker"),
        ("second", "clock", "warn", "ahead of this machine's clock"),
        ("second", "clock", "warn", "date(1) there tells whole seconds"),
        ("second", "cloud", "fail", "Amazon EC2: a VPC delivers only"),
        ("second", "cloud", "fail", "There: a Network Load Balancer"),
        ("third", "ip_vs", "fail", "Swarm's routing mesh does not work on this node"),
        ("third", "ip_vs", "fail", "CONFIG_IP_VS is not set"),
    ],
)
def test_what_is_amiss_is_told(seen: Seen, node: str, check: str, status: str, words: str) -> None:
    finding = seen.told(seen.before, getattr(seen, node))[check]
    assert finding["status"] == status, finding
    assert words in f"{finding['summary']} {finding['evidence']} {finding['remedy']}", finding


def test_one_machine_that_is_given_twice_is_told(seen: Seen) -> None:
    seen.before.expect(1)
    (found,) = [one for one in seen.before.document["cluster"] if one["id"] == "distinct"]
    both = f"{seen.first.name} and {seen.second.name}: one machine, given twice"
    assert (found["status"], found["summary"]) == ("fail", both)


@pytest.mark.parametrize("check", ["ip_vs", "sysctl", "disk", "clock", "cloud"])
@pytest.mark.parametrize("node", ["first", "second", "third"])
def test_it_passes_once_it_is_mended(seen: Seen, node: str, check: str) -> None:
    finding = seen.told(seen.after, getattr(seen, node))[check]
    # A kernel without ip_vs stays one, but outside of a Swarm that is no more than a warning.
    wanted = "warn" if (node, check) == ("third", "ip_vs") else "pass"
    assert finding["status"] == wanted, finding


def test_the_machines_are_distinct_again(seen: Seen) -> None:
    (found,) = [one for one in seen.after.document["cluster"] if one["id"] == "distinct"]
    assert (found["status"], found["summary"]) == ("pass", "3 machines")
    # The lab's nodes share a kernel, as containers do.
    assert "run on one kernel" in found["evidence"]
