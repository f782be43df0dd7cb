#!/usr/bin/env bash
# sbom.sh OUT: what the binary of each platform of a release is made of, as CycloneDX documents that its schema takes. Exits 77
# where the tools cannot be had.
set -euo pipefail
mkdir -p "$1"
out=$(realpath "$1")
cd "$(dirname "$0")/.."
. .ci/clients/python.sh.inc
python_with 'cyclonedx-python-lib[json-validation]==11.12.0'
# The platforms are those of the release.
mapfile -t targets < <(sed -n 's/.*target: \([a-z0-9_]*-[a-z0-9_-]*\).*/\1/p' .github/workflows/release.yml | sort -u)
[ "${#targets[@]}" -ge 4 ] || { echo "release.yml names ${#targets[@]} platforms"; exit 1; }
"$python" .ci/release/sbom.py "$out" "${targets[@]}"
