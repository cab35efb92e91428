"""The checks: what was learnt of the nodes becomes findings. Pure."""

from vip_tui.preflight.checks.access import ACCESS_CHECKS
from vip_tui.preflight.checks.all import (
    CLUSTER_CHECKS,
    LATE_CHECKS,
    NODE_CHECKS,
    blocking,
    check_all,
    check_node,
)

__all__ = [
    "ACCESS_CHECKS",
    "CLUSTER_CHECKS",
    "LATE_CHECKS",
    "NODE_CHECKS",
    "blocking",
    "check_all",
    "check_node",
]
