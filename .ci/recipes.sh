#!/usr/bin/env bash
# .ci/recipes.sh BINARY: runs docs/ci.md. Its YAML is checked against the schemas of GitHub Actions, GitLab CI and
# Compose; its shell parts run against the binary, started with the settings that each recipe gives it.
# Exits 77 where the tools cannot be had.
set -euo pipefail
binary=$(realpath "$1")
cd "$(dirname "$0")/.."
# Recipes expect the usual ports and a service by the name `erpsatz`: both exist in a network of their own.
unshare --net --mount true 2>/dev/null || { echo "the recipes need root and namespaces of their own" >&2; exit 77; }
command -v ip >/dev/null || { echo "the recipes need iproute2" >&2; exit 77; }
. .ci/clients/python.sh.inc
python_with check-jsonschema==0.39.0

"$python" .ci/recipes/recipes.py "$folder/yaml" check
for kind in github-workflows gitlab-ci compose-spec; do
  "${python%/*}/check-jsonschema" --quiet --builtin-schema "vendor.$kind" "$folder/yaml/$kind"/*.yaml
  echo "the schema of $kind accepts $(find "$folder/yaml/$kind" -type f | wc -l) files"
done

printf '127.0.0.1 localhost erpsatz\n' >"$folder/hosts"
mkdir "$folder/bin"
ln -s "$binary" "$folder/bin/erpsatz"
inside='ip link set lo up; mount --bind "$1/hosts" /etc/hosts; PATH="$1/bin:$PATH" "$2" .ci/recipes/recipes.py "$1/yaml" run'
unshare --net --mount bash -euc "$inside" recipes "$folder" "$python"
