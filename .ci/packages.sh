#!/usr/bin/env bash
# packages.sh BINARY: the packages of clients/, built around the binary and used from fresh environments: each README's
# example runs, tests run side by side, a test that must fail shows the judge's block, types are what the control API says.
# Exits 77 where none of the tools can be had; what cannot be had alone is said.
set -euo pipefail
binary=$(realpath "$1")
cd "$(dirname "$0")/.."
root=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
skipped=0
skip() { printf 'SKIPPED %s; this does not count as passed\n' "$*"; skipped=$((skipped + 1)); }
said() { printf -- '-- %s\n' "$*"; }

# block FILE: what a failing test must show, and how many tests ran
shows() {
  local file=$1; shift
  for text in "$@"; do
    grep -qF -- "$text" "$file" || { cat "$file"; echo "$file does not show: $text" >&2; exit 1; }
  done
}

# example PAGE LANGUAGE [N]: the nth block of code of a page
example() {
  awk -v fence="\`\`\`$2" -v wanted="${3:-1}" '
    $0 == fence { inside = (++seen == wanted); next } /^```/ { inside = 0 } inside' "$1"
}

for tool in python3 node npm; do
  command -v "$tool" >/dev/null || { echo "$tool is not installed: packages are not checked" >&2; exit 77; }
done
# The tools first: without them nothing is wrong with the packages.
python3 -m venv "$work/venv" || { echo "python3 has no venv"; exit 77; }
venv=$work/venv/bin
tools=(pytest-xdist==3.8.0 pytest==9.2.0 requests==2.34.2 httpx==0.28.1 mypy==1.19.0 pyright==1.1.407 types-requests hatchling==1.27.0 vermin==1.9.2)
"$venv/python" -m pip install --quiet --disable-pip-version-check "${tools[@]}" ||
  { echo "${tools[*]} cannot be installed from PyPI"; exit 77; }

ERPSATZ_BIN=$binary bash clients/pack.sh "$work/packages" >"$work/pack.log" || { cat "$work/pack.log"; exit 1; }
ls -l "$work/packages"
# From here on only what the packages bring.
unset ERPSATZ_BIN

said "Python"
"$venv/python" -m pip install --quiet --disable-pip-version-check "$(echo "$work"/packages/*.whl)[pytest,requests,httpx]"
mkdir "$work/python"
example clients/python/README.md python 1 >"$work/python/test_shop.py"
example clients/python/README.md python 2 >"$work/python/plain.py"
cp -r .ci/packages/python/. "$work/python/"
cd "$work/python"
"$venv/erpsatz" --version
"$venv/python" plain.py
"$venv/pytest" -q -n 4 -p no:cacheprovider test_shop.py test_package.py
if "$venv/pytest" -q -n 4 -p no:cacheprovider bad.py >bad.log; then echo "tests that must fail passed" >&2; exit 1; fi
shows bad.log '4 failed' 'missed: weavy POST /v1/Authenticate' 'never came' 'erpsatz: kept sandbox' 'assert 1 == 2' 'the sandbox was lost'
"$venv/python" ends.py
"$venv/mypy" --strict --no-error-summary -p erpsatz
# The oldest Python that the wheel is for.
"$venv/vermin" --quiet --no-tips --eval-annotations -t=3.9- "$root"/clients/python/src/erpsatz/*.py
"$venv/mypy" --strict --no-error-summary typed.py
"$venv/pyright" --pythonpath "$venv/python" typed.py | tail -1
cd "$root"

said "Node"
mkdir "$work/node"
cp -r .ci/packages/node/. "$work/node/"
example clients/node/README.md js 1 >"$work/node/shop.test.mjs"
example clients/node/README.md js 2 >"$work/node/plain.mjs"
cd "$work/node"
npm install --silent --no-fund --no-audit --save-dev "$work"/packages/*.tgz \
  vitest@4.1.0 jest@30.2.0 @playwright/test@1.57.0 typescript@5.9.3 @types/node@20 >install.log 2>&1 ||
  { cat install.log; exit 1; }
npx erpsatz --version
node plain.mjs
npx vitest run --reporter=dot shop.test.mjs package.test.mjs
if npx vitest run bad.test.mjs >bad.log 2>&1; then echo "tests that must fail passed" >&2; exit 1; fi
shows bad.log '3 failed' 'missed: weavy POST /v1/Authenticate' 'never came' 'the sandbox was lost'
npx jest --silent --rootDir jest 2>jest.log || true
shows jest.log '1 failed, 2 passed' 'missed: weavy POST /v1/Authenticate' 'never came'
npx playwright test -c playwright >playwright.log 2>&1 || true
shows playwright.log '1 failed' '1 passed' 'missed: weavy POST /v1/Authenticate' 'never came'
npx tsc --strict --module nodenext --target es2022 --outDir compiled typed.mts typed.cts using.mts
node compiled/using.mjs
node ends.cjs
cd "$root"

said "types of the control API"
bash clients/types.sh "$binary" --check || { [ $? = 77 ] && skip "types: their generators cannot be had"; }

said "Java"
if command -v javac >/dev/null; then
  mkdir "$work/java"
  cp clients/java/*.java "$work/java/"
  (cd "$work/java" && javac --release 11 -Xlint:all -Werror -d out Erpsatz.java && ERPSATZ_BIN=$binary java -cp out Sample.java)
else
  skip "Java: javac is not installed (Debian: default-jdk-headless)"
fi

said "Rust"
if command -v cargo >/dev/null; then
  mkdir -p "$work/rust/src"
  cat >"$work/rust/Cargo.toml" <<TOML
[package]
name = "scratch"
version = "0.0.0"
edition = "2024"

[dependencies]
erpsatz = { path = "$root/crates/erpsatz" }
reqwest = { version = "0.13", default-features = false }
serde_json = "1"
tokio = { version = "1", features = ["rt-multi-thread"] }
TOML
  # The example, with the lines that rustdoc hides; the versions and what is compiled already are this repository's.
  example crates/erpsatz/README.md "" | sed 's/^# //' >"$work/rust/src/main.rs"
  cp Cargo.lock "$work/rust/"
  CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$root/target} cargo run --quiet --manifest-path "$work/rust/Cargo.toml"
  echo "the example of the crate runs in a project of its own"
else
  skip "Rust: cargo is not installed"
fi

said "GitHub Action"
bash .ci/packages/action.sh "$binary" "$venv/python"
[ "$skipped" = 0 ] || echo "$skipped parts were skipped"
