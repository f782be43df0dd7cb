#!/usr/bin/env bash
# .ci/beside.sh BINARY: what .ci/run does with the binary beside the tests. Both wait a good deal, so that two cores have
# time for both.
set -euo pipefail
cd "$(dirname "$0")/.."
. .ci/steps.sh.inc

step "real clients"
bash .ci/clients.sh "$1"

step "clients that verify, by https and under the vendors' own names"
bash .ci/tls.sh "$1"

step "recipes of docs/ci.md"
try .ci/recipes.sh "$1"

step "book"
try .ci/book.sh "$1"
