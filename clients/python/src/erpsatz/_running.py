"""A running Erpsatz: started here, or attached to."""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections import deque
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, Mapping
from urllib.parse import urlsplit

from ._binary import find_binary
from ._control import NAME_HEADER, Control, ControlError, ErpsatzError, segment
from ._sandbox import Sandbox
from ._scenario import Scenario, scenario_to_send

if TYPE_CHECKING:
    from .control_types import RunReport, Server

# How long a server may take until it is ready, and until it has ended: generated records take seconds.
START_TIMEOUT = 120.0
STOP_TIMEOUT = 10.0

# What of the server's log is kept to say why it did not start.
LOG_LINES = 200

# What the server logs of a capsule (`capsules=`).
KEPT = "a run failed and"


class StartError(ErpsatzError):
    """The server did not start; the message is its own."""


class Erpsatz:
    """A running Erpsatz. As a context manager it ends what `start` has started."""

    def __init__(
        self, control: Control, urls: Mapping[str, str], ready: Mapping[str, Any], process: _Process | None = None
    ) -> None:
        self.control = control
        self._urls = {slug: url.rstrip("/") for slug, url in urls.items()}
        self._ready = ready
        self._process = process
        self._servers: dict[str, Server] | None = None
        self._ca_file: str | None = None

    @property
    def control_url(self) -> str:
        """Where the control API and the console are."""
        return self.control.url

    @property
    def slugs(self) -> list[str]:
        """The servers that run."""
        return list(self._urls)

    def url(self, slug: str) -> str:
        """Scheme, host and port of a server: its sandbox `default`."""
        return str(self._of(self._urls, slug))

    def https_url(self, slug: str) -> str:
        """The same over TLS."""
        server: Mapping[str, Any] = self._of(self._ready.get("servers") or self.servers(), slug)
        environment = os.environ.get(_variable(slug, "HTTPS_URL")) if self._process is None else None
        found = environment or server.get("https_url")
        if not found:
            raise ErpsatzError(f"this Erpsatz serves {slug} without TLS")
        return str(found).rstrip("/")

    @property
    def proxy_url(self) -> str:
        """The proxy that answers for the vendors' own hosts (`intercept=True`)."""
        environment = os.environ.get("ERPSATZ_PROXY_URL") if self._process is None else None
        found = environment or self._ready.get("proxy")
        if not found:
            raise ErpsatzError("this Erpsatz has no proxy; start it with intercept=True")
        return str(found).rstrip("/")

    @property
    def ca_file(self) -> str:
        """A file with the root certificate, for `verify=` of clients."""
        given = os.environ.get("ERPSATZ_CA") if self._process is None else None
        if given:
            return given
        if self._ca_file is None:
            try:
                root = self.control.text("GET", "/ca.pem")
            except ControlError as refused:
                raise ErpsatzError("this Erpsatz has no certificate: it serves without TLS") from refused
            with tempfile.NamedTemporaryFile("w", prefix="erpsatz-", suffix=".pem", delete=False) as file:
                file.write(root)
            self._ca_file = file.name
            atexit.register(_remove, file.name)
        return self._ca_file

    def servers(self) -> dict[str, Server]:
        """What runs, by slug."""
        if self._servers is None:
            self._servers = {item["slug"]: item for item in self.control.json("GET", "/servers")["items"]}
        return self._servers

    def credentials(self, slug: str) -> dict[str, str]:
        """What a client signs in with: `user`, `password`, `client_id`, `client_secret`, `api_key`, `project`."""
        return dict(self._of(self.servers(), slug).get("credentials") or {})

    def key_headers(self, slug: str) -> dict[str, str]:
        """What every request carries, where keys in headers are all that signs in."""
        return dict(self._of(self.servers(), slug).get("headers") or {})

    def sandbox(
        self,
        name: str | None = None,
        scenario: Scenario | None = None,
        seed: int | None = None,
        fail_on: str | list[str] | None = None,
    ) -> Sandbox:
        """A sandbox of its own. A name that exists is that one, when nothing is asked of it."""
        body: dict[str, Any] = {"name": name, "seed": seed, "fail_on": fail_on}
        body["scenario"] = None if scenario is None else scenario_to_send(scenario)
        body = {key: value for key, value in body.items() if value is not None}
        # Where several machines share the sandboxes, their front goes by the name.
        named = {NAME_HEADER: name} if name else {}
        try:
            found = self.control.json("POST", "/sandboxes", body, extra=named)
        except ControlError as refused:
            if refused.status != 409 or name is None or len(body) > 1:
                raise
            found = self.control.json("GET", f"/sandboxes/{segment(name)}")
        return Sandbox(self, found["name"], found.get("id", ""))

    def report(self, fail_on: str | None = None) -> RunReport:
        """What the whole run came to, deleted sandboxes included."""
        found: RunReport = self.control.json("GET", "/report", query={"fail_on": fail_on})
        return found

    def reset(self) -> None:
        """Brings every sandbox back to what its scenario starts it as."""
        self.control.json("POST", "/reset")

    def log(self) -> list[str]:
        """The last lines that a server which was started here has logged."""
        return list(self._process.log) if self._process else []

    def stop(self) -> None:
        """Ends the server that was started here; what was attached to goes on."""
        if self._process:
            self._process.stop()

    def __enter__(self) -> Erpsatz:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _of(self, known: Mapping[str, Any], slug: str) -> Any:
        if slug not in known:
            raise ErpsatzError(f"no server `{slug}` runs here, there are: {', '.join(known)}")
        return known[slug]


class _Process:
    """A server that ends with this process, however this process ends: its stdin is ours."""

    def __init__(self, arguments: list[str]) -> None:
        self.log: deque[str] = deque(maxlen=LOG_LINES)
        try:
            self._child: subprocess.Popen[str] = subprocess.Popen(
                [find_binary(), *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                errors="replace",
            )
        except OSError as why:
            raise StartError(f"erpsatz cannot be started: {why}") from why
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        atexit.register(self.stop)

    def _read(self) -> None:
        for line in _pipe(self._child.stderr):
            self.log.append(line.rstrip("\n"))
            # Where a failed run is kept is of no use in a log that nobody sees.
            if KEPT in line:
                print(line.rstrip("\n"), file=sys.stderr, flush=True)

    def ready(self) -> dict[str, Any]:
        late = threading.Timer(START_TIMEOUT, self._child.kill)
        late.start()
        try:
            line = _pipe(self._child.stdout).readline()
        finally:
            late.cancel()
        if line:
            found: dict[str, Any] = json.loads(line)
            return found
        self._child.wait()
        self._reader.join(STOP_TIMEOUT)
        said = "\n".join(self.log) or f"erpsatz ended with {self._child.returncode} before it was ready"
        self.stop()
        raise StartError(said)

    def stop(self) -> None:
        atexit.unregister(self.stop)
        try:
            _pipe(self._child.stdin).close()
        except OSError:
            pass
        try:
            self._child.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        self._reader.join(STOP_TIMEOUT)
        for pipe in (self._child.stdout, self._child.stderr):
            _pipe(pipe).close()


def _pipe(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None
    return pipe


def start(scenario: Scenario | None = None, **options: Any) -> Erpsatz:
    """Starts a server of its own on free ports.

    `scenario` is a known name, a file or a whole scenario as a mapping. `options` are those of `erpsatz serve`, with `_`
    for `-`: `only=["weavy"]`, `strict=True`, `seed=42`, `port={"weavy": 8084}`, `data_dir="erp-data"`.
    """
    arguments = ["serve", "--until-eof", "--json"]
    if not any(name in options for name in ("port", "control_port", "random_ports")):
        arguments += ["--random-ports", "--control-port=0"]
    written: str | None = None
    if isinstance(scenario, Mapping):
        with tempfile.NamedTemporaryFile("w", prefix="erpsatz-", suffix=".json", delete=False) as file:
            json.dump(scenario, file, default=str)
        written = file.name
        scenario = file.name
    if scenario is not None:
        arguments.append(f"--scenario={_file(scenario)}")
    for name, value in options.items():
        arguments += _option(name.replace("_", "-"), value)
    process = _Process(arguments)
    try:
        ready = process.ready()
    finally:
        if written:
            _remove(written)
    urls = {slug: str(server["url"]) for slug, server in ready["servers"].items()}
    given = options.get("control_token") or os.environ.get("ERPSATZ_CONTROL_TOKEN")
    return Erpsatz(Control(ready["control"], ready.get("control_token") or given), urls, ready, process)


def attach(url: str | None = None, token: str | None = None, urls: Mapping[str, str] | None = None) -> Erpsatz:
    """An Erpsatz that runs already.

    `url` is that of the control API (ERPSATZ_CONTROL_URL without it), `token` what it asks for beyond loopback
    (ERPSATZ_CONTROL_TOKEN). A server is at `urls[slug]`, else at ERPSATZ_…_URL, else at the control API's host and the
    server's port.
    """
    url = url or os.environ.get("ERPSATZ_CONTROL_URL")
    if not url:
        raise ErpsatzError("attach needs the URL of the control API, or ERPSATZ_CONTROL_URL")
    control = Control(url, token or os.environ.get("ERPSATZ_CONTROL_TOKEN"))
    parts = urlsplit(control.url)
    host = parts.hostname or "127.0.0.1"
    host = f"[{host}]" if ":" in host else host
    found: dict[str, str] = {}
    items = control.json("GET", "/servers")["items"]
    for item in items:
        slug = item["slug"]
        beside = f"http://{host}:{item['port']}"
        found[slug] = (urls or {}).get(slug) or os.environ.get(_variable(slug, "URL")) or beside
    return Erpsatz(control, found, {"servers": {item["slug"]: item for item in items}})


def _file(scenario: str | os.PathLike[str]) -> str:
    # A file is told from a name by its looks.
    if isinstance(scenario, str):
        return scenario
    return str(Path(scenario).resolve())


def _option(name: str, value: Any) -> list[str]:
    if value is None or value is False:
        return []
    if value is True:
        return [f"--{name}"]
    if isinstance(value, Mapping):
        pairs: Mapping[Any, Any] = value  # pyright: ignore[reportUnknownVariableType]
        return [f"--{name}={key}={one}" for key, one in pairs.items()]
    if isinstance(value, (list, tuple)):
        items: list[object] = list(value)  # pyright: ignore[reportUnknownArgumentType]
        return [f"--{name}={','.join(str(item) for item in items)}"] if items else []
    return [f"--{name}={value}"]


def _variable(slug: str, name: str) -> str:
    return f"ERPSATZ_{slug.upper().replace('-', '_')}_{name}"


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        pass
