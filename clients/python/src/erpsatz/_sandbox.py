"""One isolated world of a running Erpsatz."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from types import TracebackType
from typing import TYPE_CHECKING, Any, Callable, Mapping, Sequence, TypeVar, Union
from urllib.parse import urlsplit, urlunsplit

from ._control import Control, ControlError, ErpsatzError, Life, SandboxLost, segment
from ._scenario import Scenario, scenario_to_send

if TYPE_CHECKING:
    from ._httpx import SandboxClient
    from ._requests import SandboxSession
    from ._running import Erpsatz
    from .control_types import Entry, Fault, Report, Verified

Record = Mapping[str, Any]
Item = TypeVar("Item")
Answer = TypeVar("Answer")


class Page(list[Item]):
    """A list of what there is; `total` is how many there are in all."""

    def __init__(self, items: Sequence[Item], total: int) -> None:
        super().__init__(items)
        self.total = total


class Sandbox:
    """A sandbox. As a context manager it is deleted at the end."""

    def __init__(self, erpsatz: Erpsatz, name: str, id: str = "") -> None:
        self.erpsatz = erpsatz
        self.name = name
        self._life = Life(name, id)
        self._path = f"/sandboxes/{segment(name)}"
        self.clock = Clock(self)
        self.faults = Faults(self)

    def __repr__(self) -> str:
        return f"<Sandbox {self.name} of {self.erpsatz.control_url}>"

    def call(self, method: str, path: str, body: object = None, **query: Any) -> Any:
        """A call of the control API on this sandbox: the JSON of its answer."""
        return self._asked(self._control.json, method, path, body, query)

    def _asked(
        self, ask: Callable[..., Answer], method: str, path: str, body: object, query: dict[str, object]
    ) -> Answer:
        """A call that means this sandbox and no other of its name."""
        try:
            return ask(method, self._path + path, body, query, self._life.headers)
        except ControlError as refused:
            if self.id and refused.code == "sandbox_lost":
                raise SandboxLost(self.name) from None
            if self.id and refused.code == "unknown_sandbox":
                raise SandboxLost(self.name, "there is none of that name") from None
            raise

    @property
    def id(self) -> str:
        """Which sandbox of its name it is, as `Erpsatz-Sandbox-Id` says it."""
        return self._life.id

    @property
    def _control(self) -> Control:
        return self.erpsatz.control

    def url(self, slug: str) -> str:
        """Where a server is for this sandbox, by prefix: `http://127.0.0.1:8083/~t42`."""
        return f"{self.erpsatz.url(slug)}/~{self.name}"

    def https_url(self, slug: str) -> str:
        """The same over TLS; `ca_file` is what to trust."""
        return f"{self.erpsatz.https_url(slug)}/~{self.name}"

    @property
    def proxy_url(self) -> str:
        """The proxy that answers for the vendors' own hosts, in this sandbox."""
        parts = urlsplit(self.erpsatz.proxy_url)
        # Most clients send no credentials without a password; the proxy may have named the one that it asks for.
        return urlunsplit(parts._replace(netloc=f"{self.name}:{parts.password or 'x'}@{parts.netloc.rpartition('@')[2]}"))

    @property
    def ca_file(self) -> str:
        """A file with the root certificate."""
        return self.erpsatz.ca_file

    def credentials(self, slug: str) -> dict[str, str]:
        """What a client signs in with: `user`, `password`, `client_id`, `client_secret`, `api_key`, `project`."""
        return self.erpsatz.credentials(slug)

    def session(self, slug: str) -> SandboxSession:
        """A `requests.Session` for a server, which signs in at its first request (extra `requests`)."""
        from ._requests import SandboxSession

        return SandboxSession(self.url(slug), slug, self.credentials(slug), self.erpsatz.key_headers(slug), self._life)

    def client(self, slug: str) -> SandboxClient:
        """An `httpx.Client` for a server, which signs in at its first request (extra `httpx`)."""
        from ._httpx import SandboxClient

        return SandboxClient(self.url(slug), slug, self.credentials(slug), self.erpsatz.key_headers(slug), self._life)

    def data(self, slug: str, entity: str, company: str | int | None = None) -> Data:
        """The records of an entity, past the public API's rules."""
        return Data(self, slug, entity, company)

    def act(self, slug: str, action: str, **parameters: Any) -> Any:
        """What a person would do inside the ERP: what changed."""
        return self.call("POST", f"/actions/{segment(slug)}/{segment(action)}", parameters)

    def journal(self, **filter: Any) -> Page[Entry]:
        """What happened, oldest first: `server`, `method`, `path`, `status`, `since`, `limit`."""
        found = self.call("GET", "/journal", **filter)
        return Page(found["entries"], found["total"])

    def expect(self, expectation: Record | Sequence[Record]) -> str | list[str]:
        """Adds an expectation as in a scenario file, or several: their ids."""
        several = isinstance(expectation, Sequence)
        found = self.call("POST", "/expectations", list(expectation) if several else expectation)
        ids = [str(item["id"]) for item in found["items"]]
        return ids if several else ids[0]

    def verify(self, expectation: Record) -> Verified:
        """Judges an expectation at once, over what the journal holds: `met`, `count`, `nearest`."""
        found: Verified = self.call("POST", "/verify", expectation)
        return found

    def report(self, fail_on: str | Sequence[str] | None = None) -> Report:
        """What the run came to: expectations, violations, verdicts, faults."""
        found: Report = self.call("GET", "/report", fail_on=fail_on)
        return found

    def report_text(self, fail_on: str | Sequence[str] | None = None) -> str:
        """The same as a terminal shows it."""
        query: dict[str, object] = {"format": "text", "fail_on": fail_on}
        return self._asked(self._control.text, "GET", "/report", None, query)

    def mark_judged(self) -> None:
        """Says that this sandbox has been judged here: `erpsatz exec` reports it and fails nothing by it again."""
        self.call("POST", "/judged")

    def reset(self) -> None:
        """Data, clock, tokens, quotas, faults, steps and journal as the scenario starts them."""
        self.call("POST", "/reset")

    def snapshot(self, id: str) -> None:
        """Keeps the whole sandbox."""
        self.call("PUT", f"/snapshots/{segment(id)}")

    def restore(self, id: str) -> None:
        """Brings it back."""
        self.call("POST", f"/snapshots/{segment(id)}/restore")

    def load(self, scenario: Scenario) -> None:
        """Loads another scenario: a known name, a file, or a whole one as a mapping."""
        sent = scenario_to_send(scenario)
        is_name = isinstance(sent, str) and "\n" not in sent
        self.call("PUT", "/scenario", {"name": sent} if is_name else sent)

    def settings(self, slug: str) -> ServerSettings:
        """The switches of a server."""
        return ServerSettings(self, slug)

    def delete(self) -> None:
        """Removes the sandbox."""
        self.call("DELETE", "")

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.delete()


class Clock:
    """Simulated time of a sandbox. Moving it fires what falls due."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def _change(self, change: dict[str, object]) -> datetime:
        return _instant(self._sandbox.call("PATCH", "/clock", change)["now"])

    def now(self) -> datetime:
        """What it shows, in UTC."""
        return _instant(self._sandbox.call("GET", "/clock")["now"])

    @property
    def frozen(self) -> bool:
        """Whether it stands still."""
        return bool(self._sandbox.call("GET", "/clock")["frozen"])

    def advance(self, by: str | timedelta) -> datetime:
        """Moves it on by `PT15M`, `15m`, `2s` or a timedelta: what it shows then."""
        return self._change({"advance": _duration(by)})

    def set(self, at: str | datetime) -> datetime:
        """Moves it to an instant, never back."""
        return self._change({"set": _moment(at)})

    def freeze(self) -> datetime:
        """Stops it."""
        return self._change({"frozen": True})

    def resume(self) -> datetime:
        """Lets it run on."""
        return self._change({"frozen": False})


class Faults:
    """Fault rules of a sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def add(self, rule: Record) -> Fault:
        """Adds a rule as in a scenario file: the rule with its `id`."""
        added: Fault = self._sandbox.call("POST", "/faults", rule)
        return added

    def list(self) -> Page[Fault]:
        """The rules in force, each with its `hits`."""
        found = self._sandbox.call("GET", "/faults")
        return Page(found["items"], found["total"])

    def remove(self, id: Union[str, Fault]) -> None:
        """Ends one: its id, or what `add` gave."""
        named = id if isinstance(id, str) else id["id"]
        self._sandbox.call("DELETE", f"/faults/{segment(named)}")

    def clear(self) -> None:
        """Ends all of them."""
        self._sandbox.call("DELETE", "/faults")


class Data:
    """Records of one entity of a server, in wire form."""

    def __init__(self, sandbox: Sandbox, slug: str, entity: str, company: str | int | None) -> None:
        self._sandbox = sandbox
        self._path = f"/data/{segment(slug)}/{segment(entity)}"
        self._company = company

    def _one(self, key: object) -> str:
        return f"{self._path}/{segment(key)}"

    def list(self, limit: int | None = None, offset: int | None = None, q: str | None = None) -> Page[dict[str, Any]]:
        """Records in order of creation, those that contain `q`; `total` counts them all."""
        query = {"limit": limit, "offset": offset, "q": q, "company": self._company}
        found = self._sandbox.call("GET", self._path, **query)
        return Page(found["items"], found["total"])

    def get(self, key: str | int) -> dict[str, Any]:
        """One record by its id on the wire."""
        found: dict[str, Any] = self._sandbox.call("GET", self._one(key), company=self._company)
        return found

    def add(self, record: Record | Sequence[Record]) -> Any:
        """Stores a record, or all of a list or none: what was stored."""
        sent = list(record) if isinstance(record, Sequence) else record
        return self._sandbox.call("POST", self._path, sent, company=self._company)

    def put(self, key: str | int, record: Record) -> dict[str, Any]:
        """Writes the fields that `record` names; the others stay."""
        found: dict[str, Any] = self._sandbox.call("PUT", self._one(key), record, company=self._company)
        return found

    def delete(self, key: str | int) -> None:
        """Removes a record."""
        self._sandbox.call("DELETE", self._one(key), company=self._company)


class ServerSettings:
    """Switches of one server."""

    def __init__(self, sandbox: Sandbox, slug: str) -> None:
        self._sandbox = sandbox
        self._path = f"/settings/{segment(slug)}"

    def get(self) -> dict[str, Any]:
        """Every switch as it stands."""
        found: dict[str, Any] = self._sandbox.call("GET", self._path)
        return found

    def set(self, **values: Any) -> dict[str, Any]:
        """Changes some, all or none; None brings a default back: every switch as it stands then."""
        found: dict[str, Any] = self._sandbox.call("PATCH", self._path, values)
        return found


def _instant(text: str) -> datetime:
    """An instant to the microsecond, which is what `datetime` has."""
    parts = re.fullmatch(r"(.*?)(?:\.(\d+))?Z", text)
    if parts is None:
        raise ErpsatzError(f"`{text}` is no instant")
    whole = datetime.strptime(parts[1], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=timezone.utc)
    return whole + timedelta(microseconds=int(f"{parts[2] or '':0<6}"[:6]))


def _moment(at: str | datetime) -> str:
    if isinstance(at, str):
        return at
    if at.tzinfo is None:
        raise ErpsatzError("an instant needs a time zone: datetime(…, tzinfo=timezone.utc)")
    return at.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")


def _duration(by: str | timedelta) -> str:
    if isinstance(by, str):
        return by
    seconds, rest = divmod(by // timedelta(microseconds=1), 1_000_000)
    return f"PT{seconds}.{rest:06}S"
