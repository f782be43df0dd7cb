"""What a release is made of: a CycloneDX document for each platform, of what cargo says of the locked dependencies.

    sbom.py OUT TARGET…    OUT/erpsatz-VERSION-TARGET.cdx.json, each valid by CycloneDX' own schema
"""

import json
import pathlib
import subprocess
import sys
import tomllib

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

OUT, TARGETS = pathlib.Path(sys.argv[1]), sys.argv[2:]
LOCKED = tomllib.loads(pathlib.Path("Cargo.lock").read_text())["package"]
CHECKSUMS = {(one["name"], one["version"]): one.get("checksum") for one in LOCKED}


def metadata(target):
    line = ["cargo", "metadata", "--locked", "--format-version", "1", "--filter-platform", target]
    return json.loads(subprocess.run(line, check=True, capture_output=True, text=True).stdout)


def component(package, kind, scope):
    name, version = package["name"], package["version"]
    checksum = CHECKSUMS.get((name, version))
    repository = package.get("repository")
    licence = package.get("license") or "NOASSERTION"
    return Component(
        type=kind,
        name=name,
        version=version,
        description=package.get("description"),
        scope=scope,
        purl=PackageURL("cargo", None, name, version),
        bom_ref=f"{name}@{version}",
        # Old crates separate by a slash what SPDX separates by OR.
        licenses=[LicenseFactory().make_with_expression(licence.replace("/", " OR "))] if licence != "NOASSERTION" else [],
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=checksum)] if checksum else [],
        external_references=[ExternalReference(type=ExternalReferenceType.VCS, url=XsUri(repository))] if repository else [],
    )


def bom(target):
    """The binary, and what it is linked from; what only builds it is `excluded`."""
    found = metadata(target)
    packages = {one["id"]: one for one in found["packages"]}
    nodes = {one["id"]: one for one in found["resolve"]["nodes"]}
    (root,) = (one["id"] for one in found["packages"] if one["name"] == "erpsatz" and one["source"] is None)

    def reached(begin, kinds):
        """What is needed from there on, by dependencies of these kinds."""
        seen, left = set(), [begin]
        while left:
            one = left.pop()
            if one in seen:
                continue
            seen.add(one)
            left += [dep["pkg"] for dep in nodes[one]["deps"] if any(kind["kind"] in kinds for kind in dep["dep_kinds"])]
        return seen

    is_macro = lambda one: any("proc-macro" in target["kind"] for target in packages[one]["targets"])
    linked, left = set(), [root]
    while left:
        one = left.pop()
        if one not in linked and not is_macro(one):
            linked.add(one)
            left += [dep["pkg"] for dep in nodes[one]["deps"] if any(kind["kind"] is None for kind in dep["dep_kinds"])]
    whole = Bom()
    whole.metadata.component = component(packages[root], ComponentType.APPLICATION, None)
    made = {root: whole.metadata.component}
    for one in sorted(reached(root, (None, "build")) - {root}):
        scope = ComponentScope.REQUIRED if one in linked else ComponentScope.EXCLUDED
        made[one] = component(packages[one], ComponentType.LIBRARY, scope)
        whole.components.add(made[one])
    for one, itself in made.items():
        whole.register_dependency(itself, [made[dep["pkg"]] for dep in nodes[one]["deps"] if dep["pkg"] in made])
    return whole, packages[root]["version"], len(linked) - 1


OUT.mkdir(parents=True, exist_ok=True)
for target in TARGETS:
    whole, version, linked = bom(target)
    text = JsonV1Dot6(whole).output_as_string(indent=1)
    wrong = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if wrong:
        raise SystemExit(f"{target}: not as the schema of CycloneDX has it: {wrong}")
    unlicensed = [one.name for one in whole.components if not one.licenses]
    if unlicensed or linked < 50:
        raise SystemExit(f"{target}: {linked} crates are linked; without a licence: {unlicensed}")
    file = OUT / f"erpsatz-{version}-{target}.cdx.json"
    file.write_text(text)
    print(f"{file}: {linked} crates are linked, {len(whole.components) - linked} only build it")
