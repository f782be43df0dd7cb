"""Tests that must fail: what they show is looked at."""

import pytest

LOGS_IN = {"expect": [{"request": {"server": "weavy", "method": "POST", "path": "/v1/Authenticate"}, "times": {"exactly": 1}}]}


@pytest.mark.erpsatz(scenario=LOGS_IN)
def test_that_misses_an_expectation(erp):
    assert erp.name


@pytest.mark.erpsatz(scenario=LOGS_IN, keep="failed")
def test_that_fails_by_itself(erp):
    assert 1 == 2


@pytest.mark.erpsatz(scenario=LOGS_IN, fail_on="none")
def test_that_is_not_judged(erp):
    assert erp.report()["ok"] is False


def test_whose_sandbox_is_lost(erpsatz, erp):
    erpsatz.control.json("DELETE", f"/sandboxes/{erp.name}")


def test_that_asks_a_lost_sandbox(erpsatz, erp):
    session = erp.session("weavy")
    erpsatz.control.json("DELETE", f"/sandboxes/{erp.name}")
    session.get("/v1/anything")


@pytest.mark.xfail(strict=True)
@pytest.mark.erpsatz(scenario=LOGS_IN)
def test_that_may_fail(erp):
    pass
