#!/usr/bin/env bash
# action.sh BINARY PYTHON: runs what action.yml runs, against a release of files: it installs, and refuses what its checksum is not of.
set -euo pipefail
binary=$(realpath "$1") python=$2
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$python" -m pip install --quiet --disable-pip-version-check pyyaml
"$python" - >"$work/install.sh" <<'PYTHON'
import yaml

print(yaml.safe_load(open("action.yml"))["runs"]["steps"][0]["run"])
PYTHON
version=$("$binary" --version | cut -d' ' -f2)
release=$work/releases/download/v$version
# A debug build is not static, which is no matter here.
mkdir -p "$release" "$work/erpsatz-$version-x86_64-unknown-linux-gnu"
cp "$binary" "$work/erpsatz-$version-x86_64-unknown-linux-gnu/erpsatz"
tar --create --gzip --directory "$work" --file "$release/erpsatz-$version-x86_64-unknown-linux-gnu.tar.gz" "erpsatz-$version-x86_64-unknown-linux-gnu"
(cd "$release" && sha256sum -- *.tar.gz >SHA256SUMS)
mkdir "$work/releases/latest"
ln -s "$release" "$work/releases/latest/download"

install() {
  rm -rf "$work/temp" "$work/path" "$work/output"
  mkdir "$work/temp"
  RELEASES="file://$work/releases" VERSION=$1 RUNNER_OS=Linux RUNNER_ARCH=${2:-X64} RUNNER_TEMP=$work/temp \
    GITHUB_PATH=$work/path GITHUB_OUTPUT=$work/output bash -e -o pipefail "$work/install.sh"
}
for wanted in latest "$version" "v$version"; do
  install "$wanted"
  [ "$("$(cat "$work/path")/erpsatz" --version)" = "erpsatz $version" ]
  [ "$(cat "$work/output")" = "version=$version" ]
done
refuses() {
  local said=$1; shift
  if install "$@" >"$work/said" 2>&1; then echo "the action installed $*" >&2; exit 1; fi
  grep -q "$said" "$work/said" || { cat "$work/said"; exit 1; }
}
refuses 'cannot be had' 9.9.9
refuses 'has nothing for' latest ARM64
echo changed >>"$release/erpsatz-$version-x86_64-unknown-linux-gnu.tar.gz"
refuses 'is not what SHA256SUMS says' latest
echo "the action installs a release, and refuses one that is not what its checksum says"
