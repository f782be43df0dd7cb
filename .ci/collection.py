"""Speaks to a REST server as its Postman collection says, so that no script has to know how its clients sign in.

    collection.py SLUG URL headers    prints what a signed-in client sends with every request, a header a line
    collection.py SLUG URL try        signs in, makes one read and one write of the same path, and says how they went

The collection comes from the binary that ERPSATZ names; nothing but Python itself is needed.
"""

import base64
import json
import os
import re
import subprocess
import sys
import urllib.parse
import urllib.request

slug, url, what = sys.argv[1:]
collection = json.loads(subprocess.check_output([os.environ["ERPSATZ"], "contract", slug, "--postman"]))
requests = [item for folder in collection["item"] for item in folder["item"]]
variables = {pair["key"]: pair["value"] for pair in collection["variable"]} | {"baseUrl": url}


def filled(text):
    return re.sub(r"\{\{(\w+)\}\}", lambda name: variables[name[1]], text)


def headers_of(request, only_credentials=False):
    """Names and values; of credentials alone those that are made of variables."""
    found = {one["key"]: filled(one["value"]) for one in request["header"] if "{{" in one["value"] or not only_credentials}
    if request.get("auth", {}).get("type") == "basic":
        parts = {one["key"]: filled(one["value"]) for one in request["auth"]["basic"]}
        pair = f"{parts['username']}:{parts['password']}"
        found["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
    return found


def script(item):
    return "\n".join(item["event"][0]["script"]["exec"])


def sign_in_of(item):
    """The variable that a request fills with a token, and the member of its answer that holds it."""
    return re.search(r"collectionVariables\.set\('(\w+)', pm\.response\.json\(\)\.(\w+)\)", script(item))


def send(item):
    """The answer's body; a status that is no documented success ends this program."""
    request = item["request"]
    address = filled(request["url"]["raw"])
    for one in request["url"]["variable"]:
        address = re.sub(rf":{one['key']}(?=[/?]|$)", urllib.parse.quote(filled(one["value"]), safe=""), address)
    body = request.get("body", {})
    if body.get("mode") == "urlencoded":
        data = urllib.parse.urlencode({one["key"]: filled(one["value"]) for one in body["urlencoded"]})
    else:
        data = filled(body["raw"]) if body else None
    call = urllib.request.Request(
        address, data and data.encode(), headers_of(request), method=request["method"])
    expected = re.search(r"expect\(\[([\d, ]+)\]\)", script(item))[1].split(", ")
    with urllib.request.urlopen(call, timeout=10) as answer:
        assert str(answer.status) in expected, f"{item['name']}: {answer.status}"
        return answer.read().decode()


for item in requests:
    if token := sign_in_of(item):
        variables[token[1]] = json.loads(send(item))[token[2]]
others = [item for item in requests if not sign_in_of(item)]

if what == "headers":
    for name, value in headers_of(others[0]["request"], only_credentials=True).items():
        print(f"{name}: {value}")
else:
    def paths(method):
        return {item["request"]["url"]["raw"]: item for item in others if item["request"]["method"] == method}

    reads, writes = paths("GET"), paths("POST")
    path = next(path for path in reads if path in writes)
    for kind, item in ("read", reads[path]), ("write", writes[path]):
        answer = send(item)
        assert answer.strip() not in ("", "[]", "{}"), f"{item['name']}: an empty answer"
        print(f"{slug} {kind}: ok, {item['name']}")
