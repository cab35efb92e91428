"""VRRP's timers (RFC 3768, section 6.1, for version 2; RFC 9568, section 6.1, for 3). Pure."""

from __future__ import annotations


def skew_time(priority: int, advert_s: float, version: int = 2) -> float:
    """Seconds that a backup of this priority waits after a master's clean good-bye."""
    if version == 2:
        return (256 - priority) / 256
    return (256 - priority) * advert_s / 256


def master_down_interval(priority: int, advert_s: float, version: int = 2) -> float:
    """Seconds without an advertisement after which a backup takes the master for lost."""
    return 3 * advert_s + skew_time(priority, advert_s, version)


def clean_stop_bound(backups: tuple[int, ...], advert_s: float, version: int = 2) -> float:
    """Seconds without a master after a clean stop: the skew of the best backup's priority."""
    return min(skew_time(priority, advert_s, version) for priority in backups)


def election_limit(priorities: tuple[int, ...], advert_s: float, version: int = 2) -> float:
    """Seconds within which one of these nodes must have become master, the worst case."""
    return max(master_down_interval(priority, advert_s, version) for priority in priorities)
