#!/usr/bin/env bash
# pack.sh OUT: erpsatz-VERSION.tgz and the package of the platform that the binary in ERPSATZ_BIN is made for.
set -euo pipefail
out=$(realpath "$1")
binary=$(realpath "${ERPSATZ_BIN:?names the binary}")
cd "$(dirname "$0")"
version=${ERPSATZ_VERSION:-$("$binary" --version | tr -d '\r' | cut -d' ' -f2)}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# By its own header, as npm and Node spell it.
case $(od -An -tx1 -N4 "$binary" | tr -d ' ') in
  7f454c46)
    os=linux
    case $(od -An -tx1 -j18 -N1 "$binary" | tr -d ' ') in 3e) cpu=x64 ;; b7) cpu=arm64 ;; *) echo "unknown machine" >&2; exit 1 ;; esac ;;
  cffaedfe)
    os=darwin
    case $(od -An -tx1 -j4 -N1 "$binary" | tr -d ' ') in 07) cpu=x64 ;; 0c) cpu=arm64 ;; *) echo "unknown machine" >&2; exit 1 ;; esac ;;
  4d5a*) os=win32 cpu=x64 ;;
  *) echo "$binary is no program for Linux, macOS or Windows" >&2; exit 1 ;;
esac
file=erpsatz
[ "$os" != win32 ] || file=erpsatz.exe

cp -r . "$work/main"
cp ../../LICENSE-MIT ../../LICENSE-APACHE "$work/main/"
mkdir -p "$work/platform/bin"
cp "$binary" "$work/platform/bin/$file"
chmod 755 "$work/platform/bin/$file"
cp ../../LICENSE-MIT ../../LICENSE-APACHE "$work/platform/"
OS=$os CPU=$cpu VERSION=$version WORK=$work node - <<'NODE'
const fs = require("node:fs");
const { OS, CPU, VERSION, WORK } = process.env;
const main = JSON.parse(fs.readFileSync(`${WORK}/main/package.json`, "utf8"));
main.version = VERSION;
// npm takes the one of these that fits the machine.
const platforms = ["linux-x64", "linux-arm64", "darwin-arm64", "win32-x64"];
main.optionalDependencies = Object.fromEntries(platforms.map((platform) => [`@erpsatz/${platform}`, VERSION]));
fs.writeFileSync(`${WORK}/main/package.json`, JSON.stringify(main, null, 2));
const platform = {
  name: `@erpsatz/${OS}-${CPU}`,
  version: VERSION,
  description: `The binary of erpsatz for ${OS} on ${CPU}`,
  license: main.license,
  os: [OS],
  cpu: [CPU],
  files: ["bin", "LICENSE-*"],
  preferUnplugged: true,
};
fs.writeFileSync(`${WORK}/platform/package.json`, JSON.stringify(platform, null, 2));
NODE
for package in main platform; do
  (cd "$work/$package" && npm pack --silent --pack-destination "$out" >/dev/null)
done
