"""Counts the instructions that a server takes for a request, by valgrind's callgrind, and compares them with a file.

    count.py BINARY FILE check|--write COMPILER

Counted is what the whole process executes between two dumps, divided by the requests that came between them: it is nearly
the same on a busy machine and on an idle one. One connection asks, one request after the other.
"""

import base64
import glob
import json
import os
import re
import select
import socket
import subprocess
import sys
import tempfile
import urllib.parse

WARM_UP, COUNTED = 150, 400

# How many percent more an operation may take than it did.
MORE = 5

binary, kept, mode, compiler = sys.argv[1:]
work = tempfile.mkdtemp()
# The processor's own extensions are left out where a library chooses by them, so that machines differ less.
environment = {"PATH": os.environ["PATH"], "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX512F,-AVX512VL,-AVX512BW,-ERMS,-FSRM"}
server = subprocess.Popen(
    ["valgrind", "--tool=callgrind", f"--callgrind-out-file={work}/out", "--quiet",
     binary, "serve", "--random-ports", "--json"],
    stdout=subprocess.PIPE, stderr=open(f"{work}/err", "w"), text=True, env=environment)


def control(*arguments):
    subprocess.run(["callgrind_control", *arguments, str(server.pid)], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, timeout=120)


class Client:
    """One connection that is kept open."""

    def __init__(self, url):
        self.host = urllib.parse.urlsplit(url).netloc
        host, port = self.host.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), timeout=120)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, method, path, headers, body="", expected=(200, 201)):
        body = body.encode()
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self.socket.sendall(f"{method} {path} HTTP/1.1\r\nhost: {self.host}\r\n{head}"
                            f"content-length: {len(body)}\r\n\r\n".encode() + body)
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += self.more()
        head, _, content = answer.partition(b"\r\n\r\n")
        length = int(re.search(rb"(?im)^content-length: (\d+)", head)[1])
        while len(content) < length:
            content += self.more()
        status = int(head.split()[1])
        assert status in expected, f"{method} {path}: {status} {content[:300]}"
        return content

    def more(self):
        data = self.socket.recv(1 << 16)
        assert data, "the connection was cut"
        return data


def basic(name, secret):
    return {"authorization": "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()}


JSON = {"content-type": "application/json"}


def onlineerp(_):
    return basic("DEMO-LICENCE", "demo-secret") | JSON


def comarch_xt(client):
    form = {"content-type": "application/x-www-form-urlencoded"}
    answer = client.ask("POST", "/api2/public/token", basic("demo-client", "demo-secret") | form,
                        "grant_type=client_credentials")
    return {"authorization": "Bearer " + json.loads(answer)["access_token"]} | JSON


def weavy(client):
    answer = client.ask("POST", "/v1/Authenticate", JSON, json.dumps(
        {"scope": "API", "projectCode": "DEMO", "userName": "api", "password": "api"}))
    return {"authorization": "Bearer " + json.loads(answer)["authToken"]} | JSON


# What each client asks: how it signs in, and its operations with method, path and body; `%d` counts.
SERVERS = {
    "onlineerp": (onlineerp, {
        "list": ("GET", "/api/Entity/Product?$top=20", ""),
        "one": ("GET", "/api/Entity/Product/1007", ""),
        "create": ("POST", "/api/Entity/Product",
                   '{"NoProduit":"COUNT-%d","Description":"Boulon M12","PrixVente":3.15,"GroupeProduit":{"CodeGroupe":"QUINC"}}'),
    }),
    "comarch-xt": (comarch_xt, {
        "list": ("GET", "/api2/public/products", ""),
        "one": ("GET", "/api2/public/products/10906701", ""),
        "create": ("POST", "/api2/public/products",
                   '{"Name":"Muster %d","UnitOfMeasurment":"Stk.","Rate":9,"SaleNetPrice":20.00}'),
    }),
    "weavy": (weavy, {
        "list": ("GET", "/v1/Data/DEMO/product", ""),
        "create": ("POST", "/v1/Data/DEMO/product", '{"product_ID":"COUNT-%d","description":"Count"}'),
    }),
}


def dumped():
    """What was executed since the last dump."""
    before = set(glob.glob(f"{work}/out*"))
    control("--dump")
    new = set(glob.glob(f"{work}/out*")) - before
    totals = [int(found[1]) for name in new
              for found in [re.search(r"(?m)^(?:totals|summary): (\d+)", open(name).read())] if found]
    assert totals, f"callgrind wrote nothing: {open(f'{work}/err').read()}"
    return sum(totals)


def measured():
    """Each operation with its instructions a request."""
    readable, _, _ = select.select([server.stdout], [], [], 120)
    assert readable, "it did not become ready"
    ready = json.loads(server.stdout.readline())
    number = 0
    counts = {}
    for slug, (sign_in, operations) in SERVERS.items():
        client = Client(ready["servers"][slug]["url"])
        headers = sign_in(client)
        for name, (method, path, body) in operations.items():
            for counted in False, True:
                if counted:
                    dumped()
                for _ in range(COUNTED if counted else WARM_UP):
                    number += 1
                    client.ask(method, path, headers, body.replace("%d", str(number)))
            counts[slug, name] = dumped() // COUNTED
    return counts


def main():
    counts = measured()
    if mode == "--write":
        with open(kept, "w") as file:
            print(f"# Instructions a request, counted by .ci/instructions.sh with {compiler}", file=file)
            for (slug, name), count in counts.items():
                print(slug, name, count, sep="\t", file=file)
        return 0
    lines = open(kept).read().splitlines()
    before = {tuple(line.split("\t")[:2]): int(line.split("\t")[2]) for line in lines if not line.startswith("#")}
    too_many = []
    for operation, count in counts.items():
        change = 100 * (count / before[operation] - 1) if operation in before else float("nan")
        print(f"{' '.join(operation)}: {count} instructions, {change:+.1f} %")
        if operation in before and change > MORE:
            too_many.append(" ".join(operation))
    if compiler not in lines[0]:
        print(f"NOT JUDGED: the counts in {kept} are of another compiler than {compiler}; renew them with --write")
    elif too_many:
        print(f"{', '.join(too_many)}: more than {MORE} % beyond {kept}; where that is worth it, renew it with --write")
        return 1
    return 0


try:
    status = main()
finally:
    server.kill()
    server.wait()
    subprocess.run(["rm", "-rf", work], check=False)
sys.exit(status)
