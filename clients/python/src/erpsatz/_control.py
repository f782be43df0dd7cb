"""The control API over HTTP, without anything that must be installed."""

from __future__ import annotations

import json
import os
import ssl
from dataclasses import dataclass
from http.client import HTTPException
from ipaddress import ip_address
from typing import Any, Mapping
from urllib import error, parse, request


class ErpsatzError(Exception):
    """Something that Erpsatz cannot do."""


class ControlError(ErpsatzError):
    """The control API refused. `status` is that of HTTP, `code` what programs tell errors by."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{message} ({status} {code})")
        self.status = status
        self.code = code
        self.message = message


ID_HEADER = "Erpsatz-Sandbox-Id"
NAME_HEADER = "Erpsatz-Sandbox"


class SandboxLost(ErpsatzError):
    """The sandbox is gone, and with it what the test did in it: it was deleted or evicted, or its replica went."""

    def __init__(self, name: str, why: str = "another of its name answered") -> None:
        super().__init__(f"the sandbox was lost: {name}: {why}")
        self.name = name


@dataclass(frozen=True)
class Life:
    """Which sandbox of a name is meant: one that is made anew has another id."""

    name: str
    id: str

    @property
    def headers(self) -> dict[str, str]:
        """What a request says."""
        return {ID_HEADER: self.id} if self.id else {}

    def check(self, answered: str | None) -> None:
        """Raises when the id that an answer bears is another's; what gives none is no server of Erpsatz's."""
        if self.id and answered and answered != self.id:
            raise SandboxLost(self.name)


def is_local(url: str) -> bool:
    host = parse.urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


class Control:
    """Calls to the control API at `url`."""

    def __init__(self, url: str, token: str | None = None, timeout: float = 60.0) -> None:
        self.url = url.rstrip("/")
        self.token = token
        self._timeout = timeout
        # A proxy of the user's does not reach what is on this machine.
        handlers: list[request.BaseHandler] = [request.ProxyHandler({})] if is_local(self.url) else []
        root = os.environ.get("ERPSATZ_CA")
        if root and self.url.startswith("https:"):
            trusted = ssl.create_default_context()
            trusted.load_verify_locations(root)
            handlers.append(request.HTTPSHandler(context=trusted))
        self._opener = request.build_opener(*handlers)

    def text(
        self,
        method: str,
        path: str,
        body: object = None,
        query: dict[str, object] | None = None,
        extra: Mapping[str, str] | None = None,
    ) -> str:
        """The body of the answer. `body` goes as JSON, a text as it is; what of `query` is None is left out; `extra` are
        headers."""
        given = {name: _shown(value) for name, value in (query or {}).items() if value is not None}
        url = f"{self.url}{path}" + (f"?{parse.urlencode(given)}" if given else "")
        headers = {"Accept": "*/*", **(extra or {})}
        data = None
        if body is not None:
            is_text = isinstance(body, str)
            data = body.encode() if isinstance(body, str) else json.dumps(body, default=str).encode()
            headers["Content-Type"] = "application/yaml" if is_text else "application/json"
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        asked = request.Request(url, data=data, headers=headers, method=method)
        try:
            with self._opener.open(asked, timeout=self._timeout) as answer:
                content: bytes = answer.read()
        except error.HTTPError as refused:
            raise _refusal(refused) from None
        except (OSError, HTTPException) as why:
            raise ErpsatzError(f"no Erpsatz answers at {self.url}: {why}") from why
        return content.decode()

    def json(
        self,
        method: str,
        path: str,
        body: object = None,
        query: dict[str, object] | None = None,
        extra: Mapping[str, str] | None = None,
    ) -> Any:
        """The JSON of the answer; None where there is none."""
        text = self.text(method, path, body, query, extra)
        return json.loads(text) if text else None


def segment(name: object) -> str:
    """A name as one segment of a path."""
    return parse.quote(str(name), safe="")


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        items: list[object] = list(value)  # pyright: ignore[reportUnknownArgumentType]
        return ",".join(str(item) for item in items)
    return str(value)


def _refusal(refused: error.HTTPError) -> ControlError:
    try:
        said = json.loads(refused.read())["error"]
        return ControlError(refused.code, str(said["code"]), str(said["message"]))
    except (ValueError, KeyError, TypeError, OSError):
        return ControlError(refused.code, "unknown", str(refused.reason))
