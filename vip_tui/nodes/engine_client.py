"""The docker SDK's client, made so that opening it costs one request that is wanted anyway."""

from __future__ import annotations

from typing import Any

import docker
import docker.errors
import requests

PING, INFO = "/_ping", "/info"


class EngineClient(docker.APIClient):
    """Learns the version of the API from the header of its first answer (Engine API, "Versioning").

    ``first`` is what it asks for then; of INFO the answer is kept in ``told``.
    """

    def __init__(self, path: str, timeout_s: int, first: str) -> None:
        self._first = first
        self.told: dict[str, Any] | None = None
        super().__init__(base_url=f"unix://{path}", version="auto", timeout=timeout_s)
        # The SDK keeps a connection open for each address that it asked; through dial-stdio each
        # would be one of the ten sessions that sshd allows.
        self.headers["Connection"] = "close"

    def _retrieve_server_version(self) -> str:
        """What the SDK calls where it is to find the API's version by itself."""
        response = self._asked(self._first)
        if self._first == INFO:
            told = response.json()
            self.told = told if isinstance(told, dict) else {}
        version: str | None = response.headers.get("Api-Version")
        # A proxy may have dropped the header.
        return version or str(self.version(api_version=False)["ApiVersion"])

    def server_version(self) -> str:
        """The Engine's own version; unlike ``version()``, it costs the node no process."""
        words = self._asked(PING).headers.get("Server", "").split()
        return str(words[0]).rpartition("/")[2] if words else ""

    def _asked(self, path: str) -> requests.Response:
        """The answer to a GET of a path without a version in it."""
        response: requests.Response = self.get(f"{self.base_url}{path}", timeout=self.timeout)
        try:
            response.raise_for_status()
        except requests.HTTPError as error:
            docker.errors.create_api_error_from_http_exception(error)  # raises
        return response
