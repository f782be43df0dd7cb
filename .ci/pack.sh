#!/usr/bin/env bash
# pack.sh BINARY TARGET OUT [VERSION]: what a release gives for one platform, OUT/erpsatz-VERSION-TARGET.tar.gz (.zip for
# Windows), with the binary, the licences and the page to begin with. VERSION, if given, must be what the binary says of
# itself. A binary for Linux must be static.
set -euo pipefail
binary=$(realpath "$1") target=$2 out=$3
version=$("$binary" --version | tr -d '\r' | cut -d' ' -f2)
[ "${4:-$version}" = "$version" ] || { echo "$binary is version $version, not $4" >&2; exit 1; }
mkdir -p "$out"
out=$(realpath "$out")
cd "$(dirname "$0")/.."

case $target in
  *-linux-*)
    if command -v ldd >/dev/null && ldd "$binary" 2>&1 | grep -q '=>'; then
      echo "$binary is not static:" >&2
      ldd "$binary" >&2
      exit 1
    fi ;;
esac

name=erpsatz-$version-$target
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/$name"
cp "$binary" README.md CHANGELOG.md SECURITY.md LICENSE-APACHE LICENSE-MIT "$work/$name/"
cd "$work"
case $target in
  *-windows-*) 7z a -bso0 "$out/$name.zip" "$name" ;;
  *) tar --create --gzip --file "$out/$name.tar.gz" "$name" ;;
esac
ls -l "$out/$name".*
