#!/usr/bin/env bash
# The commands of docs/sixth-vendor.md that copy and register a vendor, on a copy of what they touch: each must do what its comment says,
# so that the page cannot fall behind the template, the registry and the samples.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
tar --create --exclude=./target --exclude=./.git --exclude=node_modules Cargo.toml benches crates examples seed-data tests | tar --extract --directory "$folder"

# What stands between the fence and the first command of cargo's.
awk '/^```sh$/ { inside = 1; next } /^```$/ || (inside && /^cargo /) { if (inside) exit } inside' docs/sixth-vendor.md >"$folder/commands"
grep -q '^cp -r examples/vendor-template' "$folder/commands" || { echo "docs/sixth-vendor.md does not begin with the template"; exit 1; }
cd "$folder"
bash -euo pipefail commands

has() { grep -qF -- "$2" "$1" || { echo "after the commands of docs/sixth-vendor.md, $1 has no line with $2"; exit 1; }; }
has crates/acme/Cargo.toml 'name = "acme"'
has crates/acme/src/lib.rs 'slug: "acme"'
has crates/acme/src/lib.rs 'port: 8086'
has crates/erpsatz/Cargo.toml 'acme = { path = "../acme" }'
has crates/erpsatz/src/registry.rs '&acme::SIMULATOR,'
has tests/support/samples/vendors.rs '[ACME, '
has tests/support/samples/vendors.rs 'const ACME: Sample'
has tests/support/samples/vendors.rs 'slug: "acme"'
[ -n "$(ls seed-data/acme/small)" ] && [ ! -e crates/acme/seed-data ] || { echo "the seed data is not where it belongs"; exit 1; }
# Words of the template's own that a copy must not keep: its slug, and what its comments and documents call it.
if grep -rniE 'helpdesk|help desk that no vendor|vendor-template|\(template\)' crates/acme seed-data/acme; then echo "the template's name is left in the copy"; exit 1; fi
rustfmt --edition 2024 --check --config-path "$OLDPWD" crates/acme/src/lib.rs crates/erpsatz/src/registry.rs tests/support/samples/vendors.rs
cargo metadata --no-deps --offline --format-version 1 >/dev/null
# Every usual call, and what a `Records` can say, stands on the page.
page=$OLDPWD/docs/sixth-vendor.md
usual=$(sed -n 's/^    (\([A-Z][a-z]*\), \$.*/\1/p' crates/simcore/src/simulator/records.rs)
[ "$(wc -w <<<"$usual")" -ge 7 ] || { echo "the usual calls stand elsewhere now: $usual"; exit 1; }
for word in $usual; do
  has "$page" "usual!($word"
done
for word in Paging::Pages Envelope check_open TAKEN; do has "$page" "$word"; done
echo "docs/sixth-vendor.md makes a vendor"
