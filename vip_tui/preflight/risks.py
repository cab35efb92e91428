"""Risks that the operator accepts: checks that may fail, and apply goes on all the same. Pure."""

from __future__ import annotations

from dataclasses import replace

from vip_tui.cluster import NEVER_ALLOWED, Cluster, parse_allowed


def acceptable(check: str) -> bool:
    """Whether the risk of a failing check can be accepted at all."""
    return check not in NEVER_ALLOWED


def accept(cluster: Cluster, check: str) -> Cluster:
    """The cluster with the risk of this check accepted; raises InputError where it cannot be."""
    if parse_allowed(check) in cluster.allow:
        return cluster
    return replace(cluster, allow=(*cluster.allow, check))
