"""How clients sign in, a vendor each."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field
from typing import Any, Callable, Mapping

from ._control import ErpsatzError

Credentials = Mapping[str, str]


@dataclass(frozen=True)
class Login:
    """A request that gives a token, and the headers that follow from its answer."""

    path: str
    headers: dict[str, str]
    signed: Callable[[Any], dict[str, str]]
    form: dict[str, str] | None = None
    json: dict[str, str] | None = None


@dataclass(frozen=True)
class SignIn:
    """Headers of every request, and the log-in that comes before the first, where there is one."""

    headers: dict[str, str] = field(default_factory=lambda: {})
    login: Login | None = None


def _basic(user: str, password: str) -> str:
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()


def _onlineerp(known: Credentials) -> SignIn:
    return SignIn({"Authorization": _basic(known["user"], known["password"]), "COMPANY_ID": "0"})


def _8sens(known: Credentials) -> SignIn:
    login = Login(
        path="/v1/login/user",
        headers={},
        form={"login": known["user"], "password": known["password"]},
        signed=lambda answer: {"Authorization": "Bearer " + answer["access_token"]},
    )
    return SignIn({"api_key": known["api_key"]}, login)


def _comarch_xt(known: Credentials) -> SignIn:
    login = Login(
        path="/api2/public/token",
        headers={"Authorization": _basic(known["client_id"], known["client_secret"])},
        form={"grant_type": "client_credentials"},
        signed=lambda answer: {"Authorization": "Bearer " + answer["access_token"]},
    )
    return SignIn(login=login)


def _weavy(known: Credentials) -> SignIn:
    login = Login(
        path="/v1/Authenticate",
        headers={},
        json={"projectCode": known["project"], "userName": known["user"], "password": known["password"]},
        signed=lambda answer: {"Authorization": "Bearer " + answer["authToken"]},
    )
    return SignIn(login=login)


def _clavus(known: Credentials) -> SignIn:
    return SignIn({"Authorization": "Bearer " + known["api_key"]})


_VENDORS: dict[str, Callable[[Credentials], SignIn]] = {
    "onlineerp": _onlineerp,
    "8sens": _8sens,
    "comarch-xt": _comarch_xt,
    "weavy": _weavy,
    "clavus": _clavus,
}


def sign_in(slug: str, credentials: Credentials, headers: Mapping[str, str]) -> SignIn:
    """How a client of that server signs in; one that is not known here with the headers that the server names."""
    if slug not in _VENDORS and credentials and not headers:
        raise ErpsatzError(f"this package does not know how to sign in to {slug}")
    try:
        return _VENDORS[slug](credentials) if slug in _VENDORS else SignIn(dict(headers))
    except KeyError as missing:
        raise ErpsatzError(f"the server {slug} names no credential {missing}") from missing


def resolved(base: str, url: str) -> str:
    """`url` under `base`, whose path it keeps; a whole URL stays."""
    if "://" in url.partition("?")[0]:
        return url
    return f"{base}/{url.lstrip('/')}"
