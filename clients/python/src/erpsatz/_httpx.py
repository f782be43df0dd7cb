"""An `httpx.Client` for one server of a sandbox."""

from __future__ import annotations

import threading
from typing import Any, Callable, Generator

try:
    import httpx
except ImportError as missing:
    raise ImportError("`client` needs httpx: pip install 'erpsatz[httpx]'") from missing

from ._control import ID_HEADER, Life
from ._sign_in import Credentials, SignIn, resolved, sign_in


class _Auth(httpx.Auth):
    """Signs in before the first request."""

    requires_response_body = True

    def __init__(self, base_url: str, wanted: SignIn) -> None:
        self._base_url = base_url
        self._wanted = wanted
        self._signing = threading.Lock()
        self._token: dict[str, str] | None = None if wanted.login else {}

    def forget(self) -> None:
        if self._wanted.login:
            self._token = None

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        with self._signing:
            token = self._token
            login = self._wanted.login
            if token is None and login is not None:
                headers = {**self._wanted.headers, **login.headers}
                url = resolved(self._base_url, login.path)
                answer = yield httpx.Request("POST", url, headers=headers, data=login.form, json=login.json)
                answer.read()
                answer.raise_for_status()
                token = self._token = login.signed(answer.json())
        for name, value in (token or {}).items():
            request.headers.setdefault(name, value)
        yield request


class SandboxClient(httpx.Client):
    """Relative paths are resolved against its base URL and keep the prefix. It signs in before its first request, once."""

    def __init__(
        self, base_url: str, slug: str, credentials: Credentials, headers: Credentials, life: Life
    ) -> None:
        wanted = sign_in(slug, credentials, headers)
        self._sandbox_auth = _Auth(base_url, wanted)
        self._life = life
        self._prefix = base_url
        hooks: dict[str, list[Callable[..., Any]]] = {"request": [self._means], "response": [self._answered]}
        super().__init__(base_url=base_url, headers=wanted.headers, auth=self._sandbox_auth, event_hooks=hooks)

    def _means(self, request: httpx.Request) -> None:
        if str(request.url).startswith(self._prefix):
            for name, value in self._life.headers.items():
                request.headers.setdefault(name, value)

    def _answered(self, answer: httpx.Response) -> None:
        """Raises when another sandbox of the name answers."""
        if str(answer.request.url).startswith(self._prefix):
            self._life.check(answer.headers.get(ID_HEADER))

    def sign_in(self) -> None:
        """Signs in again at the next request, when a token has died."""
        self._sandbox_auth.forget()
