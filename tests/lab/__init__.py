"""A lab of real nodes on one Linux machine: own sshd and dockerd, one network, a registry."""

from tests.lab.lab import Lab
from tests.lab.node import Node
from tests.lab.tools import LabError

__all__ = ["Lab", "LabError", "Node"]
