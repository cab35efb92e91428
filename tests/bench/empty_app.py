"""The empty Textual app that the first paint is compared with."""

from textual.app import App, ComposeResult
from textual.widgets import Static


class EmptyApp(App[None]):
    """One line of text and nothing else."""

    def compose(self) -> ComposeResult:
        yield Static("Nothing but this marker")


if __name__ == "__main__":
    EmptyApp().run()
