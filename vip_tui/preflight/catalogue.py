"""The catalogue of checks: for each, what it looks at and why that matters. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class About:
    """What a check is about, whatever it finds."""

    looks_at: str
    why: str


CATALOGUE: dict[str, About] = {
    "reachable": About(
        "whether sshd answers at the SSH address, and how soon",
        "everything goes through SSH; a node that is slow now is slow in a failover",
    ),
    "host-key": About(
        "the host key against our known hosts and yours",
        "another key than the known one may be another machine that listens in",
    ),
    "auth": About(
        "whether a key, agent or password of yours is accepted",
        "nothing can be looked at, nor deployed, without a login",
    ),
    "privilege": About(
        "id -u, and whether sudo asks for a password",
        "modules, addresses and Docker are root's",
    ),
    "docker": About(
        "the Engine's own answer through its socket: version, root, log driver, time",
        "keepalived runs in a container on the host's network, and its log is what we follow",
    ),
    "container": About(
        "the container called keepalived, and keepalived processes outside Docker",
        "two keepaliveds on one node fight for the same VIP",
    ),
    "image": About(
        "the image on the node, else in its registry: architecture and digest",
        "nodes that run different images fail over differently, or not at all",
    ),
    "ip_vs": About(
        "/proc/modules, modprobe -n, the kernel's built-in modules, the lists of boot time",
        "Swarm's routing mesh is IPVS: without it a published port answers on no VIP",
    ),
    "interface": About(
        "the interfaces, their carrier, and their subnets against the VIP",
        "on the wrong interface the VIP answers nobody, and no advertisement arrives",
    ),
    "vip-free": About(
        "who answers ARP or ping for the VIP, asked from the node itself",
        "an address that two machines have is lost to both",
    ),
    "routes": About(
        "ip route get to each peer: interface and source address",
        "peers know each other by address: an advertisement from another one is dropped",
    ),
    "sysctl": About(
        "ip_nonlocal_bind, and arp_ignore, arp_announce, rp_filter of the VIP's interface",
        "settings for other load balancers can keep a holder from answering for its VIP",
    ),
    "firewall": About(
        "the rule sets of nft and iptables, where they meet IP protocol 112 and the peers",
        "where advertisements are dropped, every node becomes master: a split brain",
    ),
    "disk": About(
        "the room where Docker keeps its images and logs",
        "on a full disk no container starts, not even the one that was running",
    ),
    "clock": About(
        "the node's clock against ours, within what the round trip allows",
        "events of several nodes are put in order by their clocks",
    ),
    "cloud": About(
        "the vendor's words in the DMI data",
        "most clouds deliver only addresses that they gave out: a VIP made here answers nobody",
    ),
    "swarm": About(
        "docker info, and a manager's docker node ls: whether in a Swarm, role and availability",
        "a drained node runs no services; the routing mesh exists only in a Swarm",
    ),
    "distinct": About(
        "the machine-ids and boot-ids of all nodes",
        "a machine that is given twice cannot take over from itself",
    ),
    "subnet": About(
        "the subnets of all nodes' interfaces, and whether they are one link",
        "a VIP moves only within one link: gratuitous ARP crosses no router",
    ),
    "vrid-free": About(
        "advertisements of others with our VRID, while we listen",
        "two virtual routers with one VRID in one link break each other",
    ),
    "latency": About(
        "round trips from each node to each other",
        "advertisements that come late look like a dead master",
    ),
    "versions": About(
        "the versions of Docker and of the image on all nodes",
        "what works on one node shall work on the one that takes over",
    ),
    "vrrp-path": About(
        "whether IP protocol 112 gets from each node to each other",
        "unicast advertisements that do not arrive make two masters",
    ),
}
