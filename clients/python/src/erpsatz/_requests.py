"""A `requests.Session` for one server of a sandbox."""

from __future__ import annotations

import threading
from typing import Any

try:
    import requests
except ImportError as missing:
    raise ImportError("`session` needs requests: pip install 'erpsatz[requests]'") from missing

from ._control import ID_HEADER, Life
from ._sign_in import Credentials, resolved, sign_in


class SandboxSession(requests.Session):
    """Relative paths are resolved against `base_url` and keep its prefix. It signs in before its first request, once."""

    def __init__(
        self, base_url: str, slug: str, credentials: Credentials, headers: Credentials, life: Life
    ) -> None:
        super().__init__()
        self.base_url = base_url
        self._life = life
        self._sign_in = sign_in(slug, credentials, headers)
        self._signing = threading.RLock()
        self._signed = self._sign_in.login is None
        self.headers.update(self._sign_in.headers)

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        """As `requests.Session.request`."""
        if not self._signed:
            self.sign_in()
        text = url.decode() if isinstance(url, bytes) else url
        return super().request(method, resolved(self.base_url, text), *args, **kwargs)

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """As `requests.Session.send`; raises when another sandbox of the name answers."""
        if not (request.url or "").startswith(self.base_url):
            return super().send(request, **kwargs)
        for name, value in self._life.headers.items():
            request.headers.setdefault(name, value)
        answer = super().send(request, **kwargs)
        self._life.check(answer.headers.get(ID_HEADER))
        return answer

    def sign_in(self) -> None:
        """Signs in now; once more when a token has died."""
        login = self._sign_in.login
        if login is None:
            return
        with self._signing:
            headers = {**self._sign_in.headers, **login.headers}
            url = resolved(self.base_url, login.path)
            # An old token is no part of it.
            previous = self.headers.pop("Authorization", None)
            try:
                answer = super().request("POST", url, headers=headers, data=login.form, json=login.json)
                answer.raise_for_status()
            except BaseException:
                if previous is not None:
                    self.headers["Authorization"] = previous
                raise
            self.headers.update(login.signed(answer.json()))
            self._signed = True
