#!/usr/bin/env bash
# Builds the Dockerfile without an image registry, checks the image's size and speaks to its servers as a container
# runtime would run them. Leaves the image's binary at the path that is given, if one is.
#
# The base image that the Dockerfile names is made here, from Debian's compiler and this machine's Rust toolchain. The
# crates come from this machine's cargo registry. Exits 77 where the tools cannot be had.
set -euo pipefail
cd "$(dirname "$0")/.."
. .ci/debian.sh.inc
copy=${1:-}
limit=46000000

missing=()
for package in buildah mmdebstrap curl iproute2 python3; do
  dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
done
if [ "${#missing[@]}" -gt 0 ]; then
  if ! debian --no-install-recommends "${missing[@]}"; then
    echo "the image needs ${missing[*]} from Debian's packages, and root to install them" >&2
    exit 77
  fi
fi
if [ "$(id -u)" != 0 ] || ! unshare --net --pid --fork true; then
  echo "building and running the image needs root and namespaces of its own" >&2
  exit 77
fi

work=$(mktemp -d)
container() { buildah --root "$work/storage" --runroot "$work/run" --storage-driver vfs "$@"; }
finish() {
  container umount --all >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap finish EXIT

# What `FROM rust:1` finds: a C compiler, and the toolchain that is in use here, without its documentation.
make_base() {
  local base root toolchain
  base=$(container from scratch)
  root=$(container mount "$base")
  mmdebstrap --quiet --variant=extract --include=base-files,coreutils,dash,gcc,libc6-dev,sed \
    "$(. /etc/os-release && echo "$VERSION_CODENAME")" "$root"
  ln -s gcc "$root/usr/bin/cc"
  toolchain=$(rustc --print sysroot)
  mkdir -p "$root/usr/local/bin"
  cp "$toolchain"/bin/{cargo,rustc} "$root/usr/local/bin/"
  cp -R "$toolchain/lib" "$root/usr/local/"
  container config --env CARGO_HOME=/usr/local/cargo --env CARGO_NET_OFFLINE=true "$base"
  container commit --quiet --rm "$base" docker.io/library/rust:1 >/dev/null
}

# The target folder is kept between runs: cargo knows what is stale in it.
build() {
  local home=${CARGO_HOME:-$HOME/.cargo} volumes target
  target=$(realpath -m "${CARGO_TARGET_DIR:-target}")/image
  mkdir -p "$target"
  cargo fetch --locked --quiet
  volumes=(--volume "$home/registry:/usr/local/cargo/registry" --volume "$target:/src/target")
  for file in config.toml config; do
    [ ! -f "$home/$file" ] || volumes+=(--volume "$home/$file:/usr/local/cargo/$file:ro")
  done
  container build --quiet --isolation chroot --pull=never --format docker "${volumes[@]}" --tag erpsatz . >/dev/null
}

printf -- '-- the base image, from Debian and %s\n' "$(rustc --version)"
time make_base
printf -- '-- the Dockerfile\n'
time build

root=$(container mount "$(container from --pull=never erpsatz)")
size=$(du --summarize --bytes "$root" | cut -f1)
printf -- '-- the image: %s bytes (at most %s)\n' "$size" "$limit"
if [ "$size" -gt "$limit" ]; then
  echo "the image is too large" >&2
  exit 1
fi

mkdir "$work/config"
# setting NAME: a list of the image's settings, a line each
setting() { container inspect --type image --format "{{range .Docker.Config.$1}}{{println .}}{{end}}" erpsatz | sed '/^$/d'; }
for name in Env Entrypoint Cmd; do setting "$name" >"$work/config/$name"; done
setting Healthcheck.Test >"$work/config/Health"
container inspect --type image --format '{{.Docker.Config.User}}' erpsatz >"$work/config/User"
unshare --net bash .ci/image/run.sh "$root" "$work/config"

if [ -n "$copy" ]; then
  mkdir -p "$(dirname "$copy")"
  cp "$root/erpsatz" "$copy"
fi
