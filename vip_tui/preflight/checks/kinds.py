"""What a check is: a pure function of what was learnt."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from vip_tui.cluster import Cluster
from vip_tui.preflight.learnt import Finding, Learnt

# The cluster, the node in question, and all nodes of which something is known by then.
NodeCheck = Callable[[Cluster, Learnt, Sequence[Learnt]], Finding]
ClusterCheck = Callable[[Cluster, Sequence[Learnt]], Finding]
