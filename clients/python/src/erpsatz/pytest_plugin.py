"""The pytest plugin: fixtures `erpsatz` and `erp`, marker `erpsatz`.

A test whose expectations are missed fails in its call phase, with the judge's block in its report.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import uuid
from typing import TYPE_CHECKING, Any, Generator, Iterator, Mapping

import pytest

if TYPE_CHECKING:
    from ._running import Erpsatz
    from ._sandbox import Sandbox

MARKER = "erpsatz(scenario=…, fail_on=…, seed=…, keep='failed')"
LONGEST_NAME = 63

_RUN = pytest.StashKey[str]()
_SANDBOX = pytest.StashKey["Sandbox"]()
_FAILED = pytest.StashKey[bool]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The plugin's keys of the ini file, and an option for the one that is changed most."""
    group = parser.getgroup("erpsatz", "simulated ERP servers")
    group.addoption("--erpsatz-keep", choices=["failed", "never"], help="keep the sandboxes of failed tests")
    parser.addini("erpsatz_keep", "'failed' keeps the sandboxes of failed tests", default="never")
    parser.addini("erpsatz_scenario", "what sandboxes start as: a known name or a file", default="")
    parser.addini("erpsatz_fail_on", "what fails a test: expectations, violations, errors, warnings; none", default="")


def pytest_configure(config: pytest.Config) -> None:
    """Workers of xdist have one run id."""
    config.addinivalue_line("markers", f"{MARKER}: what the test's sandbox starts as, and what fails the test")
    given: Mapping[str, Any] = getattr(config, "workerinput", {})
    config.stash[_RUN] = str(given.get("testrunuid") or uuid.uuid4().hex)[:8]


@pytest.fixture(scope="session")
def erpsatz(pytestconfig: pytest.Config) -> Iterator[Erpsatz]:
    """A running Erpsatz: the one of ERPSATZ_CONTROL_URL, or one that is started for this session."""
    import erpsatz

    if os.environ.get("ERPSATZ_CONTROL_URL"):
        yield erpsatz.attach()
        return
    with erpsatz.start() as running:
        yield running


@pytest.fixture
def erp(erpsatz: Erpsatz, request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """A sandbox for this test alone."""
    item: pytest.Item = request.node
    asked = _asked(item)
    scenario = asked.get("scenario")
    name = _name(item)
    sandbox = erpsatz.sandbox(
        name if not _exists(erpsatz, name) else f"{name[: LONGEST_NAME - 5]}-{uuid.uuid4().hex[:4]}",
        scenario=_scenario(item, scenario) if scenario else None,
        seed=asked.get("seed"),
        fail_on=asked.get("fail_on"),
    )
    item.stash[_SANDBOX] = sandbox
    item.stash[_FAILED] = False
    yield sandbox
    if item.stash[_FAILED] and asked.get("keep") == "failed":
        print(f"erpsatz: kept sandbox {sandbox.name}: {erpsatz.control_url}/#/{sandbox.name}/journal")
        return
    from ._control import SandboxLost

    # The test has failed of it already.
    with contextlib.suppress(SandboxLost):
        sandbox.delete()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Judges the sandbox when the test is done."""
    try:
        result = yield
    except (pytest.skip.Exception, KeyboardInterrupt):
        raise
    except BaseException:
        _, block = _judge(item)
        if block:
            item.add_report_section("call", "erpsatz", block)
        raise
    failed, block = _judge(item)
    if failed:
        pytest.fail(block, pytrace=False)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Notes whether the test failed, for the fixture's end."""
    report = yield
    if report.failed and _SANDBOX in item.stash:
        item.stash[_FAILED] = True
    return report


def _judge(item: pytest.Item) -> tuple[bool, str]:
    """Whether the sandbox fails the test, and the judge's block if there is something to say."""
    sandbox = item.stash.get(_SANDBOX, None)
    if sandbox is None:
        return False, ""
    from ._control import SandboxLost

    try:
        failed = bool(sandbox.report()["failed"])
        block = sandbox.report_text().rstrip()
        sandbox.mark_judged()
    except SandboxLost as lost:
        return True, str(lost)
    return failed, block if failed or "\n" in block else ""


def _asked(item: pytest.Item) -> dict[str, Any]:
    """What the markers say, the nearest last, over the ini file."""
    config = item.config
    asked: dict[str, Any] = {name: config.getini(f"erpsatz_{name}") for name in ("scenario", "fail_on", "keep")}
    asked["keep"] = config.getoption("erpsatz_keep") or asked["keep"]
    for marker in reversed(list(item.iter_markers("erpsatz"))):
        unknown = set(marker.kwargs) - {"scenario", "fail_on", "seed", "keep"}
        if unknown or len(marker.args) > 1:
            raise pytest.UsageError(f"the marker is {MARKER}, not with {', '.join(sorted(unknown)) or marker.args}")
        if marker.args:
            asked["scenario"] = marker.args[0]
        asked.update(marker.kwargs)
    return {name: value for name, value in asked.items() if value not in ("", None)}


def _scenario(item: pytest.Item, scenario: str | os.PathLike[str] | Mapping[str, Any]) -> Any:
    """A known name or a mapping as it is; a path from the test's file, or from the root."""
    if not isinstance(scenario, (str, os.PathLike)):
        return scenario
    if isinstance(scenario, str) and not any(mark in scenario for mark in "/\\."):
        return scenario
    places = [item.path.parent / scenario, item.config.rootpath / scenario]
    for place in places:
        if place.is_file():
            return place
    raise FileNotFoundError(f"no scenario {scenario}: neither {places[0]} nor {places[1]} is there")


def _name(item: pytest.Item) -> str:
    """`RUN-WORKER-TEST-HASH` in the letters that a sandbox's name may have."""
    given: Mapping[str, Any] = getattr(item.config, "workerinput", {})
    run = f"{item.config.stash[_RUN]}-{given.get('workerid', 'main')}"
    test = re.sub(r"[^a-z0-9]+", "-", item.name.lower()).strip("-")
    # Tests of several files have one name.
    digest = hashlib.sha256(item.nodeid.encode()).hexdigest()[:8]
    return f"{f'{run}-{test}'[: LONGEST_NAME - 9].rstrip('-')}-{digest}"


def _exists(erpsatz: Erpsatz, name: str) -> bool:
    """Whether an earlier attempt at the same test has left its sandbox."""
    from ._control import ControlError

    try:
        erpsatz.control.json("GET", f"/sandboxes/{name}")
    except ControlError:
        return False
    return True
