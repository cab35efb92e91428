"""What the operator asks for: a cluster of nodes that share one virtual router. Pure."""

from vip_tui.cluster.document import dump, dump_allowing, load, parse_allowed
from vip_tui.cluster.model import (
    CHECK_IDS,
    DEFAULT_IMAGE,
    NEVER_ALLOWED,
    Cluster,
    IPAddress,
    Node,
    Secret,
    Vip,
    check_cluster,
    check_nodes,
    check_vip,
)
from vip_tui.cluster.parse import (
    parse_name,
    parse_node,
    parse_nodes,
    parse_priority,
    parse_vip,
    parse_vrid,
    split_nodes,
)

__all__ = [
    "CHECK_IDS",
    "DEFAULT_IMAGE",
    "NEVER_ALLOWED",
    "Cluster",
    "IPAddress",
    "Node",
    "Secret",
    "Vip",
    "check_cluster",
    "check_nodes",
    "check_vip",
    "dump",
    "dump_allowing",
    "load",
    "parse_allowed",
    "parse_name",
    "parse_node",
    "parse_nodes",
    "parse_priority",
    "parse_vip",
    "parse_vrid",
    "split_nodes",
]
