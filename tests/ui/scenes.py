"""All scenes by name."""

from __future__ import annotations

from tests.ui.scenes_checks import CHECKS
from tests.ui.scenes_commands import COMMANDS
from tests.ui.scenes_dialogs import DIALOGS
from tests.ui.scenes_live import LIVE
from tests.ui.scenes_setup import SETUP
from tests.ui.stage import Scene

SCENES: dict[str, Scene] = {**SETUP, **CHECKS, **DIALOGS, **LIVE, **COMMANDS}
