"""64 clients on 500 sandboxes behind deploy/haproxy.cfg, while a replica is killed and comes back, and while a fourth joins.

Takes the binary and haproxy. Says the counts of each part, and fails at the first thing that is not as docs/many-machines.md
has it: only sandboxes of the replica that went or came begin anew, every answer says which sandbox gave it, and nobody
but clients of the killed one sees an error.
"""

import base64
import collections
import http.client
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import threading
import time

BINARY, HAPROXY = sys.argv[1:]
CLIENTS, SANDBOXES = 64, 500
FRONT = "127.0.1.9"
REPLICAS = {f"r{n}": f"127.0.1.{n}" for n in range(1, 5)}
TOKEN = "the-token-of-all"
BASIC = "Basic " + base64.b64encode(b"DEMO-LICENCE:demo-secret").decode()
ID, REPLICA = "Erpsatz-Sandbox-Id", "Erpsatz-Replica"
PEERS = ",".join(f"http://{host}:8080" for host in REPLICAS.values())

Answer = collections.namedtuple("Answer", "status headers body")


def ask(method, path, port=8080, host=FRONT, headers=(), body=None):
    """One request on a connection of its own; OSError or HTTPException where there is no answer."""
    connection = http.client.HTTPConnection(host, port, timeout=30)
    try:
        sent = {"Authorization": f"Bearer {TOKEN}"} if port == 8080 else {"Authorization": BASIC, "COMPANY_ID": "0"}
        sent.update(headers)
        if body is not None:
            sent["Content-Type"] = "application/json"
        connection.request(method, path, json.dumps(body) if body is not None else None, sent)
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read().decode())
    finally:
        connection.close()


def control(method, path, expected, **more):
    answer = ask(method, path, **more)
    assert answer.status == expected, f"{method} {path}: {answer.status} {answer.body[:500]}"
    return json.loads(answer.body) if answer.body.startswith(("{", "[")) else answer.body


class World:
    """What a client knows of a sandbox."""

    def __init__(self, name):
        self.name = name
        self.id = self.replica = None
        # What is there for certain; writes whose answer did not come may have been done, by whoever answers next.
        self.written = self.unknown = self.number = 0
        # `(part, from, to)` for each time that it was another one that answered.
        self.anew = []

    def write(self):
        """One record, by one of the ways to name a sandbox."""
        self.number += 1
        path, headers = "/api/Entity/Product", {}
        way = self.number % 3
        if way == 0:
            path = f"/~{self.name}{path}"
        elif way == 1:
            headers["Host"] = f"{self.name}.localhost:8081"
        else:
            headers["Erpsatz-Sandbox"] = self.name
        record = {"NoProduit": f"W-{self.number}", "Description": self.name}
        try:
            answer = ask("POST", path, 8081, headers=headers, body=record)
            if answer.status in (502, 503):
                raise ConnectionError(f"the front says {answer.status}")
        except (OSError, http.client.HTTPException):
            self.unknown += 1
            raise
        assert answer.status == 201, f"{answer.status} {answer.body[:300]}"
        self.answered(answer)
        self.written += 1

    def look(self):
        """The control path leads to the same sandbox, and it holds what was written."""
        answer = ask("GET", f"/sandboxes/{self.name}/data/onlineerp/Product?limit=0&q=W-")
        if answer.status == 404:
            # It has moved since it was written to; a look makes none.
            return
        if answer.status in (502, 503):
            raise ConnectionError(f"the front says {answer.status}")
        assert answer.status == 200, f"{answer.status} {answer.body[:300]}"
        self.answered(answer)
        total = json.loads(answer.body)["total"]
        most = self.written + self.unknown
        assert self.written <= total <= most, f"{self.name} on {self.replica}: {total} records, not {self.written} to {most}"
        self.written, self.unknown = total, 0

    def answered(self, answer):
        found, replica = answer.headers[ID], answer.headers[REPLICA]
        assert found, f"no {ID} in an answer of {replica}: {answer.status}"
        if self.id is None:
            self.id = found
        elif found != self.id:
            assert found > self.id, "the younger sorts after"
            self.anew.append((PART.name, self.replica, replica))
            self.id, self.written = found, 0
        else:
            assert replica == self.replica or self.replica is None, f"{self.name} moved from {self.replica} to {replica}"
        self.replica = replica


class Part:
    """A part of the run: how long, and what is seen meanwhile."""

    def __init__(self, name):
        self.name = name
        self.requests = 0
        # By replica that the sandbox was on.
        self.errors = collections.Counter()


PART = Part("start")
WORLDS = [World(f"m-{number}") for number in range(SANDBOXES)]
RUNNING = threading.Event()
FAILED = []
LOCK = threading.Lock()


def client(number):
    mine = WORLDS[number::CLIENTS]
    chance = random.Random(number)
    try:
        while RUNNING.is_set():
            world = chance.choice(mine)
            for step in (world.write, world.look):
                try:
                    step()
                except (OSError, http.client.HTTPException):
                    # Whether it was done is not known: a sandbox that is still there says it.
                    with LOCK:
                        PART.errors[world.replica] += 1
                    break
                finally:
                    with LOCK:
                        PART.requests += 1
            time.sleep(0.02)
    except BaseException as error:
        FAILED.append(f"client {number}: {error!r}")


def start_replica(name, logs):
    """`erpsatz serve` on the usual ports of an address of its own."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("ERPSATZ_")}
    environment |= {"ERPSATZ_CONTROL_TOKEN": TOKEN, "ERPSATZ_PEERS": PEERS, "ERPSATZ_CONTROL_HOST": FRONT}
    with (logs / f"{name}.log").open("ab") as log:
        line = [BINARY, "serve", "--host", REPLICAS[name], "--json", "--until-eof"]
        process = subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, env=environment)
    assert process.stdout.readline(), f"{name} did not start: {(logs / f'{name}.log').read_text()[-2000:]}"
    return process


def wait_for(what, seconds=20):
    """Until it is so."""
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, f"not in {seconds} s: {what.__doc__ or what}"
        assert not FAILED, FAILED[0]
        time.sleep(0.1)


def is_up(name):
    """Whether the front sends a sandbox to that replica: there is one for each."""
    def look():
        try:
            return any(ask("GET", f"/~probe-{n}/", 8081).headers[REPLICA] == name for n in range(40))
        except OSError:
            return False
    return look


def settle(worlds):
    """Asks each once, so that what moved has been seen."""
    for world in worlds:
        world.write()
        world.look()


def part(name, change, seconds=4):
    """Changes something while all clients go on: the part, and which sandboxes began anew in it."""
    global PART
    PART = mine = Part(name)
    change()
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        assert not FAILED, FAILED[0]
        time.sleep(0.1)
    RUNNING.clear()
    for thread in THREADS:
        thread.join()
    assert not FAILED, FAILED[0]
    settle(WORLDS)
    anew = {world.name for world in WORLDS if any(event[0] == name for event in world.anew)}
    shares = sorted(collections.Counter(world.replica for world in WORLDS).items())
    told = ", ".join(f"{replica} {count}" for replica, count in shares)
    print(f"-- {name}: {mine.requests} requests, {sum(mine.errors.values())} connection errors, "
          f"{len(anew)} of {SANDBOXES} sandboxes began anew; {told}", flush=True)
    assert mine.requests > 200, "too few requests to tell anything"
    go()
    return mine, anew


def go():
    RUNNING.set()
    THREADS[:] = [threading.Thread(target=client, args=(number,)) for number in range(CLIENTS)]
    for thread in THREADS:
        thread.start()


THREADS = []


def on(replica):
    return {world.name for world in WORLDS if world.replica == replica}


def one_list():
    """Of all replicas one list, each sandbox once, and afterwards no older life is left anywhere."""
    listed = control("GET", "/sandboxes", 200)
    names = [item["name"] for item in listed["items"]]
    assert len(names) == len(set(names)), "a name stands twice in the list"
    assert {"default"} | {world.name for world in WORLDS} <= set(names), "one is missing"
    by_name = {item["name"]: item["id"] for item in listed["items"]}
    wrong = [world.name for world in WORLDS if by_name[world.name] != world.id]
    assert not wrong, f"not the life that answers: {wrong[:5]}"
    living = collections.Counter()
    for host in REPLICAS.values():
        try:
            own = control("GET", "/sandboxes", 200, host=host, headers={"Erpsatz-Peer": "a-test"})
        except OSError:
            continue
        living.update(item["name"] for item in own["items"] if item["name"] != "default")
    twice = [name for name, count in living.items() if count > 1]
    assert not twice, f"older lives are left: {twice[:5]}"
    print(f"-- the list: {len(names)} sandboxes, each once, on one replica", flush=True)


def through_the_front():
    """What is about one sandbox, and what is about all."""
    made = control("POST", "/sandboxes", 201, body={})
    again = ask("GET", f"/~{made['name']}/api/Entity/Product", 8081)
    assert (again.status, again.headers[ID]) == (200, made["id"]), "one without a name is where it is looked for"
    named = control("POST", "/sandboxes", 201, body={"scenario": "default", "name": "by-body"})
    again = ask("GET", "/api/Entity/Product", 8081, headers={"Erpsatz-Sandbox": "by-body"})
    assert again.headers[ID] == named["id"], "one is where the name in its body says"
    assert named["servers"][0]["url"] == f"http://{FRONT}:8081/~by-body", named["servers"][0]
    lost = ask("GET", f"/~{WORLDS[0].name}/api/Entity/Product", 8081, headers={ID: made["id"]})
    assert lost.status == 409 and "the sandbox was lost" in lost.body, lost
    assert "erpsatz_sandboxes" in control("GET", "/metrics", 200)
    assert control("GET", "/report", 200)["totals"]["sandboxes"] >= SANDBOXES
    control("POST", "/reset", 204)
    for world in WORLDS:
        before, world.written, world.unknown = world.id, 0, 0
        world.look()
        assert world.id == before, "a reset keeps the id"
    control("DELETE", "/sandboxes", 204)
    assert control("GET", "/sandboxes", 200)["total"] == 1
    print("-- one without a name, one by its body, another life refused, metrics, report, reset and removal of all", flush=True)


def main(folder):
    logs = pathlib.Path(folder)
    running = {name: start_replica(name, logs) for name in ("r1", "r2", "r3")}
    environment = os.environ | {f"REPLICA_{name[1:]}": host for name, host in REPLICAS.items()} | {"FRONT": FRONT}
    with (logs / "haproxy.log").open("wb") as log:
        front = subprocess.Popen([HAPROXY, "-f", "deploy/haproxy.cfg"], env=environment, stderr=log, stdout=log)
    try:
        for name in ("r1", "r2", "r3"):
            wait_for(is_up(name))
        control("DELETE", "/sandboxes", 204)
        settle(WORLDS)
        go()
        steady, anew = part("steady", lambda: None)
        assert not anew and not steady.errors, (anew, steady.errors)
        of_r2 = on("r2")
        assert all(len(on(name)) > SANDBOXES / 10 for name in ("r1", "r2", "r3")), "the shares are too uneven"

        def kill():
            running["r2"].kill()
            running["r2"].wait()

        killed, anew = part("one is killed", kill, 6)
        assert anew == of_r2, f"{len(anew ^ of_r2)} others began anew, or did not"
        assert set(killed.errors) <= {"r2"}, killed.errors
        one_list()

        def come_back():
            running["r2"] = start_replica("r2", logs)
            wait_for(is_up("r2"))

        back, anew = part("it comes back", come_back)
        assert anew == of_r2 == on("r2"), f"{len(anew ^ of_r2)} others began anew, or did not"
        assert not back.errors, back.errors
        one_list()

        def join():
            running["r4"] = start_replica("r4", logs)
            wait_for(is_up("r4"))

        joined, anew = part("a fourth joins", join)
        assert anew == on("r4"), f"{len(anew ^ on('r4'))} others began anew, or did not"
        assert SANDBOXES / 10 < len(anew) < SANDBOXES / 2, len(anew)
        assert not joined.errors, joined.errors
        RUNNING.clear()
        for thread in THREADS:
            thread.join()
        assert not FAILED, FAILED[0]
        settle(WORLDS)
        one_list()
        through_the_front()
    except BaseException:
        for log in sorted(logs.glob("*.log")):
            print(f"== {log.name}\n{log.read_text(errors='replace')[-1500:]}", file=sys.stderr)
        raise
    finally:
        RUNNING.clear()
        front.kill()
        for process in running.values():
            process.kill()


with tempfile.TemporaryDirectory() as temporary:
    main(temporary)
