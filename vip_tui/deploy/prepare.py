"""From the outcome of preflight to a plan."""

from __future__ import annotations

import secrets
import string

from vip_tui.deploy.plan import Plan, make_plan
from vip_tui.preflight.outcome import Preflight, require
from vip_tui.preflight.resolve import resolve

_PASSWORD_ALPHABET = string.ascii_letters + string.digits


def new_password() -> str:
    """A random VRRP password of the 8 characters that count."""
    return "".join(secrets.choice(_PASSWORD_ALPHABET) for _ in range(8))


def plan_after(outcome: Preflight, allow: tuple[str, ...] = ()) -> Plan:
    """The plan; raises UnreachableError or RefusedError for what stops it."""
    require(outcome, allow)
    return make_plan(resolve(outcome.cluster, outcome.learnt, new_password()), outcome.learnt)
