"""usual.py SLUG PACKAGE HEADER…: the client PACKAGE that was generated for a server that has no life cycle of its own here makes every
call of the contract SLUG.json with the examples of the contract, in its order, signed in by these headers (`Name: value`).
"""

import functools
import importlib
import inspect
import json
import pkgutil
import sys
import typing

from common import at

slug, package, *lines = sys.argv[1:]
document = json.load(open(f"{slug}.json"))
client_class = importlib.import_module(package).Client
client = client_class(at(slug.upper().replace("-", "_")), headers=dict(line.split(": ", 1) for line in lines))
api = importlib.import_module(f"{package}.api")
modules = [one.name for one in pkgutil.walk_packages(api.__path__, f"{package}.api.") if not one.ispkg]


def named(one):
    if "$ref" not in one:
        return one
    return functools.reduce(lambda at, key: at[key], one["$ref"].removeprefix("#/").split("/"), document)


def bare(name):
    """A name as the generator may have spelt it."""
    return name.replace("_", "").replace("-", "").lower()


calls = 0
for path, verbs in document["paths"].items():
    for verb, one in verbs.items():
        if verb not in ("get", "post", "put", "patch", "delete"):
            continue
        module = next(name for name in modules if bare(name.rsplit(".", 1)[1]) == bare(one["operationId"]))
        call = importlib.import_module(module).sync_detailed
        taken = {bare(name): name for name in inspect.signature(call).parameters}
        given = {"client": client}
        for parameter in map(named, [*verbs.get("parameters", []), *one.get("parameters", [])]):
            if "example" in parameter and bare(parameter["name"]) in taken:
                given[taken[bare(parameter["name"])]] = parameter["example"]
        body = one.get("requestBody", {}).get("content", {}).get("application/json", {})
        if "example" in body:
            kinds = [typing.get_type_hints(call)["body"], *typing.get_args(typing.get_type_hints(call)["body"])]
            kind = next(kind for kind in kinds if hasattr(kind, "from_dict"))
            given["body"] = kind.from_dict(body["example"])
        answer = call(**given)
        assert answer.status_code < 300, f"{verb} {path}: {answer.status_code} {answer.content!r}"
        assert answer.parsed is not None or not answer.content, f"{verb} {path}: {answer.content!r} is no {one['operationId']}"
        calls += 1
assert calls, f"{slug} has no calls"
print(f"{slug}: {calls} calls with the examples of its contract")
