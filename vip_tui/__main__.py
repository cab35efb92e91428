"""`python -m vip_tui`."""

from vip_tui.cli import main

main()
