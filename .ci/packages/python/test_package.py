"""Everything that the package has, under several workers."""

import re
from datetime import datetime, timedelta, timezone

import pytest

import erpsatz as package
from erpsatz._sign_in import sign_in

LIST = {
    "onlineerp": "/api/Entity/Product",
    "8sens": "/v1/article",
    "comarch-xt": "api2/public/products",
    "weavy": "/v1/Dictionary/DEMO/customer",
    "clavus": "/api/external/graphql",
}
names = set()


@pytest.mark.parametrize("how", ["session", "client"])
@pytest.mark.parametrize("slug", LIST)
def test_signs_in_and_keeps_the_sandbox(erp, slug, how):
    client = getattr(erp, how)(slug)
    for _ in range(2):
        if slug == "clavus":
            answer = client.post(LIST[slug], json={"query": "{ __typename }"})
        else:
            answer = client.get(LIST[slug])
        assert answer.status_code == 200, answer.text
        assert str(answer.url).startswith(erp.url(slug) + "/")
    logins = [entry for entry in erp.journal(server=slug) if entry["method"] == "POST" and slug != "clavus"]
    assert len(logins) == (0 if slug in ("onlineerp", "clavus") else 1)


def test_every_server_is_signed_in_to(erp, erpsatz):
    for slug in set(erpsatz.slugs) - set(LIST):
        path = re.search(r"\{url\}(\S*)", erpsatz.servers()[slug]["first_call"])[1]
        answer = erp.session(slug).get(path)
        assert answer.status_code == 200, f"{slug}: {answer.text}"


def test_a_server_with_a_key_names_its_header():
    signed = sign_in("another", {"api_key": "k"}, {"X-Key": "k"})
    assert signed.headers == {"X-Key": "k"} and signed.login is None
    with pytest.raises(package.ErpsatzError, match="sign in to another"):
        sign_in("another", {"user": "u", "password": "p"}, {})


def test_clock(erp):
    erp.clock.set(datetime(2031, 3, 2, 8, tzinfo=timezone.utc))
    erp.clock.freeze()
    before = erp.clock.now()
    assert erp.clock.frozen
    assert erp.clock.advance("PT15M") - before == timedelta(minutes=15)
    assert erp.clock.advance(timedelta(seconds=1.5)) - before == timedelta(minutes=15, seconds=1.5)
    erp.clock.resume()
    assert not erp.clock.frozen
    with pytest.raises(package.ControlError, match="400"):
        erp.clock.set("2020-01-01T00:00:00Z")


def test_faults(erp):
    added = erp.faults.add({"server": "weavy", "when": {"method": "GET"}, "then": {"status": 503}})
    erp.faults.add({"id": "other", "server": "weavy", "then": {"status": 500}})
    assert [rule["hits"] for rule in erp.faults.list()] == [0, 0]
    erp.faults.remove(added)
    erp.faults.remove("other")
    assert erp.faults.list().total == 0
    erp.faults.add({"server": "weavy", "then": {"status": 500}})
    erp.faults.clear()
    assert erp.faults.list() == []
    with pytest.raises(package.ControlError) as refused:
        erp.faults.add({"server": "weavi", "then": {"status": 500}})
    assert refused.value.status == 400 and "weavy" in str(refused.value)


def test_data_of_a_company(erp):
    products = erp.data("onlineerp", "Product", company=1)
    other = erp.data("onlineerp", "Product")
    total = other.list(limit=1).total
    key = products.add({"NoProduit": "VIS/4 é", "Description": "Vis"})["NoProduit"]
    assert products.get(key)["Description"] == "Vis"
    assert products.put(key, {"Description": "Écrou"})["Description"] == "Écrou"
    assert [one["NoProduit"] for one in products.list(q="vis/4")] == [key]
    assert other.list(limit=0).total == total
    products.delete(key)
    with pytest.raises(package.ControlError, match="404"):
        products.get(key)
    assert len(products.add([{"NoProduit": "A"}, {"NoProduit": "B"}])) == 2


def test_world(erp):
    erp.snapshot("before")
    usual = erp.settings("comarch-xt").get()["token_lifetime"]
    assert erp.settings("comarch-xt").set(token_lifetime=7)["token_lifetime"] == 7
    erp.restore("before")
    assert erp.settings("comarch-xt").get()["token_lifetime"] == usual
    erp.act("onlineerp", "robot-offline")
    assert erp.session("onlineerp").get(LIST["onlineerp"]).status_code == 503
    erp.reset()
    assert erp.session("onlineerp").get(LIST["onlineerp"]).status_code == 200
    erp.load("default")
    assert erp.call("GET", "")["scenario"] == "default"
    erp.load({"name": "other", "seed": 4})
    assert erp.call("GET", "")["scenario"] == "other"


def test_expectations(erp):
    once = {"request": {"server": "onlineerp", "method": "GET", "path": LIST["onlineerp"]}, "times": {"exactly": 1}}
    assert erp.expect(once) and len(erp.expect([once, once])) == 2
    assert erp.verify(once)["met"] is False
    erp.session("onlineerp").get(LIST["onlineerp"])
    assert erp.verify(once)["met"] and erp.report()["ok"]


@pytest.mark.erpsatz(scenario="scenarios/mine.yaml", seed=5)
def test_a_file_beside_the_test(erp):
    looked_at = erp.call("GET", "")
    assert (looked_at["scenario"], looked_at["seed"]) == ("mine", 5)
    assert erp.data("weavy", "customer").list().total == 0


@pytest.mark.erpsatz("robot-offline", fail_on="none")
def test_a_known_one(erp):
    assert erp.session("onlineerp").get(LIST["onlineerp"]).status_code == 503


@pytest.mark.parametrize("long", ["x" * 200, "Ünïcode / and : more", "x" * 200 + "y"])
def test_names(erp, long):
    assert len(erp.name) <= 63 and erp.name not in names
    names.add(erp.name)


def test_attaching(erpsatz, monkeypatch):
    monkeypatch.setenv("ERPSATZ_CONTROL_URL", erpsatz.control_url)
    with package.attach() as attached, attached.sandbox(scenario={"name": "own", "seed": 4}) as own:
        assert attached.url("weavy") == erpsatz.url("weavy")
        assert attached.sandbox(own.name).name == own.name
        assert own.credentials("weavy")["project"] == "DEMO"
    elsewhere = package.attach(erpsatz.control_url, urls={"weavy": "http://erp.example:1/"})
    assert elsewhere.sandbox("default").url("weavy") == "http://erp.example:1/~default"
    with pytest.raises(package.ErpsatzError, match="no server `weavi`"):
        elsewhere.url("weavi")
    with pytest.raises(package.ErpsatzError):
        package.attach("http://127.0.0.1:9")


def test_attaching_by_https(erpsatz, monkeypatch):
    url = erpsatz.control_url.replace("http://", "https://")
    with pytest.raises(package.ErpsatzError, match="certificate"):
        package.attach(url)
    monkeypatch.setenv("ERPSATZ_CA", erpsatz.ca_file)
    assert package.attach(url).slugs == erpsatz.slugs


@pytest.mark.parametrize("how", ["session", "client"])
def test_another_sandbox_of_the_name_is_none(erpsatz, how):
    own = erpsatz.sandbox()
    client = getattr(own, how)("onlineerp")
    assert client.get(LIST["onlineerp"]).headers["Erpsatz-Sandbox-Id"] == own.id
    own.reset()
    assert client.get(LIST["onlineerp"]).status_code == 200
    erpsatz.control.json("DELETE", f"/sandboxes/{own.name}")
    for ask in (own.report, lambda: client.get(LIST["onlineerp"]), own.clock.now, lambda: own.load("default")):
        with pytest.raises(package.SandboxLost, match=f"the sandbox was lost: {own.name}"):
            ask()
    again = erpsatz.sandbox(own.name)
    assert again.id > own.id
    again.delete()


def test_what_does_not_start_says_why():
    with pytest.raises(package.StartError, match="did you mean"):
        package.start("robot-ofline")
    with package.start({"name": "own", "seed": 3}, only=["weavy"], strict=True) as running:
        assert running.slugs == ["weavy"]
        assert running.sandbox("default").call("GET", "")["strict"] is True


def test_a_run_that_fails_is_kept(tmp_path, capfd):
    with package.start(None, only=["weavy"], capsules=tmp_path / "kept") as running:
        with running.sandbox("missed", scenario={"expect": [{"request": {"server": "weavy"}, "times": {"exactly": 1}}]}):
            pass
        with running.sandbox("met", scenario={"expect": [{"request": {"server": "weavy"}, "never": True}]}):
            pass
    assert [one.name for one in (tmp_path / "kept").iterdir()] == ["missed.capsule"]
    assert "missed.capsule" in capfd.readouterr().err
