# Made by clients/types.sh from `erpsatz contract control`; do not edit.

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from typing_extensions import NotRequired, TypedDict


class Request(TypedDict):
    id: int
    at: str
    server: str
    method: str
    path: str
    query: str
    principal: str


class Answer(TypedDict):
    status: int | None
    handled_status: int | None
    fault: str | None
    message: str | None
    refusal: str | None


class WhyStep(TypedDict):
    check: Literal['transport', 'sandbox', 'fault', 'quota', 'credentials', 'route', 'method', 'headers', 'query', 'body', 'contract', 'state', 'rights', 'rule', 'filter', 'page']
    result: Literal['passed', 'noted', 'refused', 'damaged']
    received: str | None
    nearest: str | None
    fact: str | None
    evidence: Literal['seed', 'doc', 'client', 'recorded', 'assumed'] | None
    message: NotRequired[str]
    refusal: NotRequired[str]


class Error1(TypedDict):
    code: str
    message: str


class Error(TypedDict):
    error: Error1


class Health(TypedDict):
    status: Literal['ok']


SandboxName: TypeAlias = str


class Server(TypedDict):
    slug: str
    title: str
    url: str
    https_url: NotRequired[str]
    port: int
    base_path: str
    first_call: str
    contract: Literal['openapi', 'graphql']
    credentials: NotRequired[dict[str, str]]
    headers: NotRequired[dict[str, str]]


class KnownScenario(TypedDict):
    name: str
    description: str


class ScenarioName(TypedDict):
    name: str


Unreachable: TypeAlias = list[str]
"""
Peers that cannot be reached, where there are any: what they had is gone.
"""


class SandboxServer(TypedDict):
    slug: str
    url: str
    https_url: NotRequired[str]
    created: bool


class Clock1(TypedDict):
    start: NotRequired[str]
    frozen: NotRequired[bool]


class Export(TypedDict):
    scenario: str
    data: dict[str, dict[str, Any]]


class Clock(TypedDict):
    now: str
    frozen: bool


class ClockChange(TypedDict):
    set: NotRequired[str]
    advance: NotRequired[str]
    frozen: NotRequired[bool]


class Fault(TypedDict):
    id: str
    server: str
    when: NotRequired[dict[str, Any]]
    then: dict[str, Any]
    hits: int
    completed: bool | None
    enabled: bool


class Snapshot(TypedDict):
    id: str
    at: str


class Settings(TypedDict):
    """
    Values by name.
    """


class PactState(TypedDict):
    state: str
    params: NotRequired[dict[str, Any]]
    action: NotRequired[Literal['setup', 'teardown']]


class Record(TypedDict):
    """
    A record in wire form.
    """


class Records(TypedDict):
    items: list[Record]
    total: int


class Count(TypedDict):
    server: str
    entity: str
    count: int
    keys: list[str]


class Action(TypedDict):
    server: str
    action: str
    description: str
    parameters: dict[str, Any]


class Violation(TypedDict):
    id: NotRequired[int]
    server: NotRequired[str]
    request: NotRequired[str]
    rule: str
    position: str
    message: str
    nearest: NotRequired[str | None]


class JudgedExpectation(TypedDict):
    """
    With the keys that it was written with, where expectations are listed.
    """

    id: str
    kind: str
    description: str
    met: bool
    count: int
    nearest: list[dict[str, Any]]
    requests: NotRequired[list[dict[str, Any]]]


class Item(TypedDict):
    id: str
    warning: NotRequired[str]


class AddedExpectations(TypedDict):
    items: list[Item]
    total: int


class Verified(TypedDict):
    kind: NotRequired[str]
    description: NotRequired[str]
    met: bool
    count: int
    nearest: list[dict[str, Any]]
    requests: NotRequired[list[dict[str, Any]]]
    warning: NotRequired[str]


class Verdict(TypedDict):
    verdict: str
    server: str
    severity: Literal['error', 'warning', 'advice']
    message: str
    requests: list[int]
    advice: str


class Report(TypedDict):
    ok: bool
    failed: bool
    fail_on: list[str]
    judged: bool
    sandbox: str
    sandbox_id: NotRequired[str]
    scenario: str
    at: str
    requests: int
    expectations: list[JudgedExpectation]
    violations: list[Violation]
    violations_total: int
    faults: list[Fault]
    assumptions: list[Any]
    verdicts: list[Verdict]
    steps: list[dict[str, Any]]
    dropped: NotRequired[int]
    judge_was_cut: NotRequired[bool]
    ended: NotRequired[str | None]
    worlds: list[dict[str, Any]]


class RunReport(TypedDict):
    ok: bool
    failed: bool
    fail_on: list[str]
    totals: dict[str, int]
    cut: NotRequired[dict[str, int]]
    total: int
    items: list[Report]
    unreachable: NotRequired[Unreachable]


class ClockStart(TypedDict):
    """
    Where simulated time begins.
    """

    start: NotRequired[str]
    frozen: NotRequired[bool]


class Header(TypedDict):
    more_than: NotRequired[float | str]
    less_than: NotRequired[float | str]
    at_least: NotRequired[float | str]
    at_most: NotRequired[float | str]


class Query(TypedDict):
    more_than: NotRequired[float | str]
    less_than: NotRequired[float | str]
    at_least: NotRequired[float | str]
    at_most: NotRequired[float | str]


NthItem: TypeAlias = int


Moment: TypeAlias = str


Duration: TypeAlias = str


class Drip(TypedDict):
    """
    A slow body.
    """

    bytes: int
    every: Duration


class RateLimit(TypedDict):
    """
    A fixed window in simulated time that opens with the first request.
    """

    limit: int
    per: Duration


class StepAction1(TypedDict):
    """
    Moves the clock on.
    """

    advance: Duration


class StepAction2(TypedDict):
    """
    Creates records.
    """

    insert: Records


class StepAction3(TypedDict):
    """
    Changes a record.
    """

    update: Records


class StepAction4(TypedDict):
    """
    Removes a record.
    """

    delete: Records


ActionCall = TypedDict(
    'ActionCall',
    {
        'server': str,
        'name': str,
        'with': NotRequired[dict[str, Any]],
    },
)


class FaultSwitch(TypedDict):
    """
    Which fault rules.
    """

    on: NotRequired[list[str]]
    off: NotRequired[list[str]]


class SettingsChange(TypedDict):
    """
    Which settings.
    """

    server: str
    set: dict[str, Any]


NoVerdicts = TypedDict(
    'NoVerdicts',
    {
        'except': list[Literal['done_twice', 'refusal_ignored', 'lost_update', 'emptied_fields', 'ignored_retry_after', 'retried_without_pause', 'token_on_every_call', 'list_not_finished', 'row_missed', 'sent_ignored_fields', 'stale_export', 'left_open', 'wasted_calls', 'unordered_pages', 'assumed_default', 'imprecise_money']]
    },
)


class Times(TypedDict):
    """
    How often.
    """

    exactly: NotRequired[int | None]
    at_least: NotRequired[int | None]
    at_most: NotRequired[int | None]


class Where(TypedDict):
    more_than: NotRequired[float | str]
    less_than: NotRequired[float | str]
    at_least: NotRequired[float | str]
    at_most: NotRequired[float | str]


class RecordExpectation(TypedDict):
    """
    The records of an entity that are there in the end.
    """

    server: NotRequired[str]
    entity: NotRequired[str]
    company: NotRequired[str | int]
    where: NotRequired[dict[str, str | float | bool | Where | None]]
    times: NotRequired[Times | None]


FailOn: TypeAlias = list[Literal['expectations', 'violations', 'errors', 'warnings', 'none']] | str


class Why(TypedDict):
    request: Request
    answer: Answer
    steps: list[WhyStep]
    cause: Literal['fault', 'quota', 'clock', 'scenario', 'client'] | None


class Servers(TypedDict):
    items: list[Server]
    total: int


class KnownScenarios(TypedDict):
    items: list[KnownScenario]
    total: int


class Sandbox(TypedDict):
    name: SandboxName
    id: str
    scenario: str
    seed: int
    strict: bool
    started: str
    clock: Clock
    servers: list[SandboxServer]


class Faults(TypedDict):
    items: list[Fault]
    total: int


class Snapshots(TypedDict):
    items: list[Snapshot]
    total: int


class Counts(TypedDict):
    items: list[Count]
    total: int


class Actions(TypedDict):
    items: list[Action]
    total: int


class Entry(TypedDict):
    id: int
    at: str
    server: str
    method: str
    path: str
    query: str
    principal: NotRequired[str]
    handled_status: int | None
    status: int | None
    fault: str | None
    violations: list[Violation]
    duration_us: int
    headers: NotRequired[dict[str, Any]]
    body: NotRequired[Any]
    assumptions: NotRequired[list[Any]]
    recorded: NotRequired[list[Any]]
    effects: NotRequired[dict[str, Any]]
    response: NotRequired[dict[str, Any]]


class JudgedExpectations(TypedDict):
    items: list[JudgedExpectation]
    total: int


Between = TypedDict(
    'Between',
    {
        'from': NotRequired[Moment | None],
        'to': NotRequired[Moment | None],
    },
)


Delay = TypedDict(
    'Delay',
    {
        'from': Duration,
        'to': Duration,
    },
)


class Then(TypedDict):
    """
    What goes wrong. One effect; `delay` may come with any other.
    """

    status: NotRequired[int | None]
    body: NotRequired[Any]
    headers: NotRequired[dict[str, str]]
    delay: NotRequired[Duration | Delay]
    drop: NotRequired[bool]
    lose_response: NotRequired[bool]
    truncate: NotRequired[float | None]
    corrupt: NotRequired[bool]
    drip: NotRequired[Drip | None]
    timeout: NotRequired[Duration | None]
    reset: NotRequired[bool]
    garbage: NotRequired[bool]
    rate_limit: NotRequired[RateLimit | None]


class RequestModel(TypedDict):
    """
    What must be so for a rule to mean a request. Everything given must hold; `*` in a path or a value stands for
    anything.
    """

    method: NotRequired[str | None]
    path: NotRequired[str | None]
    header: NotRequired[dict[str, str | float | bool | Header | None]]
    query: NotRequired[dict[str, str | float | bool | Query | None]]
    body: NotRequired[str | dict[str, Any]]
    between: NotRequired[Between | None]
    server: str
    status: NotRequired[int | str | list[int | str]]


class StepAction5(TypedDict):
    """
    Runs a back-office action.
    """

    action: ActionCall


class StepAction6(TypedDict):
    """
    Switches fault rules on or off.
    """

    faults: FaultSwitch


class StepAction7(TypedDict):
    """
    Changes settings of a server.
    """

    settings: SettingsChange


StepAction: TypeAlias = StepAction1 | StepAction2 | StepAction3 | StepAction4 | StepAction5 | StepAction6 | StepAction7


class Expectation(TypedDict):
    """
    One expectation: requests that come so often, or in an order, or never; or nothing outside the contract; or every
    fault met; or so many such records in the end; or no verdicts.
    """

    id: NotRequired[str | None]
    request: NotRequired[RequestModel | None]
    undocumented: NotRequired[bool]
    times: NotRequired[Times | None]
    never: NotRequired[bool]
    in_order: NotRequired[str | None]
    no_violations: NotRequired[bool]
    all_faults_hit: NotRequired[bool]
    record: NotRequired[RecordExpectation | None]
    no_verdicts: NotRequired[Literal[True] | list[Literal['done_twice', 'refusal_ignored', 'lost_update', 'emptied_fields', 'ignored_retry_after', 'retried_without_pause', 'token_on_every_call', 'list_not_finished', 'row_missed', 'sent_ignored_fields', 'stale_export', 'left_open', 'wasted_calls', 'unordered_pages', 'assumed_default', 'imprecise_money']] | NoVerdicts]


class Sandboxes(TypedDict):
    items: list[Sandbox]
    total: int
    unreachable: NotRequired[Unreachable]


class Now(TypedDict):
    do: list[StepAction]


class Journal(TypedDict):
    entries: list[Entry]
    total: int
    dropped: int


class When(TypedDict):
    """
    What must be so for a rule to mean a request. Everything given must hold; `*` in a path or a value stands for
    anything.
    """

    method: NotRequired[str | None]
    path: NotRequired[str | None]
    header: NotRequired[dict[str, str | float | bool | Header | None]]
    query: NotRequired[dict[str, str | float | bool | Query | None]]
    body: NotRequired[str | dict[str, Any]]
    nth: NotRequired[int | list[NthItem]]
    times: NotRequired[int | None]
    rate: NotRequired[float | None]
    between: NotRequired[Between | None]


class On(TypedDict):
    """
    Which request sets a step off.
    """

    request: RequestModel
    count: NotRequired[int]
    undocumented: NotRequired[bool]


class Rule(TypedDict):
    """
    A rule: when a request to `server` is as `when` says, `then` happens to it.
    """

    id: NotRequired[str]
    server: str
    when: NotRequired[When]
    undocumented: NotRequired[bool]
    then: Then


class Step(TypedDict):
    """
    One step.
    """

    name: NotRequired[str | None]
    on: NotRequired[On | None]
    at: NotRequired[Duration | None]
    after: NotRequired[str | None]
    repeat: NotRequired[bool]
    do: NotRequired[list[StepAction]]


class Scenario(TypedDict):
    """
    A scenario file, as docs/reference/scenario-file.md describes it.
    """

    name: NotRequired[str]
    description: NotRequired[str]
    extends: NotRequired[str | None]
    seed: NotRequired[int | None]
    strict: NotRequired[bool | None]
    clock: NotRequired[ClockStart | None]
    servers: NotRequired[dict[str, Server]]
    faults: NotRequired[list[Rule]]
    steps: NotRequired[list[Step]]
    expect: NotRequired[list[Expectation]]
    states: NotRequired[dict[str, list[StepAction]]]
    fail_on: NotRequired[FailOn | None]


class NewSandbox(TypedDict):
    name: NotRequired[SandboxName]
    scenario: NotRequired[str | Scenario]
    seed: NotRequired[int]
    clock: NotRequired[Clock1]
    fail_on: NotRequired[str | list[str]]
