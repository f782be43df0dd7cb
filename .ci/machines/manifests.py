"""The manifests of a folder held against Kubernetes' own schemas (PyPI's kubernetes-validate carries them), and against each
other: what a manifest names exists. A patch is checked as what it makes of what it patches."""

import copy
import pathlib
import sys

import kubernetes_validate
import yaml

# The oldest and the newest that are said to do.
VERSIONS = ("1.29", "1.34")
FOLDER = pathlib.Path(sys.argv[1])


def documents(name):
    return [one for one in yaml.safe_load_all((FOLDER / name).read_text()) if one]


def merged(base, patch):
    """A strategic merge as far as it is used here: maps by key, lists by `name`."""
    if isinstance(base, dict) and isinstance(patch, dict):
        whole = dict(base)
        for key, value in patch.items():
            whole[key] = merged(base[key], value) if key in base else value
        return whole
    if isinstance(base, list) and isinstance(patch, list) and all(isinstance(one, dict) for one in base + patch):
        named = {one.get("name"): one for one in base}
        for one in patch:
            named[one.get("name")] = merged(named.get(one.get("name"), {}), one)
        return list(named.values())
    return patch


def valid(document, version):
    kubernetes_validate.validate(document, version, strict=True)


kustomization = documents("kustomization.yaml")[0]
listed = set(kustomization["resources"]) | {"kustomization.yaml", "volumes.yaml"}
there = {path.name for path in FOLDER.iterdir()}
assert listed == there, f"kustomization.yaml and the folder differ: {listed ^ there}"
resources = [document for name in kustomization["resources"] for document in documents(name)]
by_name = {(one["kind"], one["metadata"]["name"]): one for one in resources}
(patch,) = documents("volumes.yaml")
durable = merged(by_name[patch["kind"], patch["metadata"]["name"]], patch)
for version in VERSIONS:
    for document in [*resources, durable]:
        valid(document, version)
    # The check can fail.
    broken = copy.deepcopy(durable)
    broken["spec"]["template"]["spec"]["containers"][0]["imagee"] = "x"
    try:
        valid(broken, version)
    except kubernetes_validate.ValidationError:
        continue
    raise SystemExit(f"{version}: a misspelt field was not found")

for (kind, name), one in by_name.items():
    if kind not in ("Service", "PodDisruptionBudget"):
        continue
    selector = one["spec"]["selector"].get("matchLabels", one["spec"]["selector"])
    chosen = [
        pods for pods in resources
        if pods["kind"] in ("Deployment", "StatefulSet")
        and selector.items() <= pods["spec"]["template"]["metadata"]["labels"].items()
    ]
    assert len(chosen) == 1, f"{kind} {name} selects {len(chosen)} sets of pods"
    if kind == "Service":
        ports = {port["containerPort"] for container in chosen[0]["spec"]["template"]["spec"]["containers"] for port in container["ports"]}
        assert {port["port"] for port in one["spec"]["ports"]} == ports, f"the ports of {name}"
print(f"Kubernetes {' and '.join(VERSIONS)} take {len(resources)} manifests and one patch of deploy/kubernetes")
