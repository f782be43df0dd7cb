#!/usr/bin/env bash
# .ci/machines.sh BINARY: deploy/ is what it says. HAProxy reads its configuration without a warning; the manifests for
# Kubernetes are as its schemas have them; and 64 clients use 500 sandboxes on three replicas while one is killed and comes
# back, and while a fourth joins. Installs Debian's haproxy where it is missing and may. Exits 77 where it cannot be had.
set -euo pipefail
binary=$(realpath "$1")
cd "$(dirname "$0")/.."
. .ci/debian.sh.inc
[ "$(uname)" = Linux ] || { echo "several addresses of one loopback are Linux's alone"; exit 77; }

if ! command -v haproxy >/dev/null && [ -x /usr/sbin/haproxy ]; then PATH=$PATH:/usr/sbin; fi
if ! command -v haproxy >/dev/null; then
  echo "haproxy is missing: it is installed from Debian"
  debian --no-install-recommends haproxy ||
    { echo "haproxy is not installed and cannot be"; exit 77; }
fi

. .ci/clients/python.sh.inc
python_with kubernetes-validate==1.37.0 PyYAML

# Names of pods mean nothing here.
export REPLICA_1=127.0.1.1 REPLICA_2=127.0.1.2 REPLICA_3=127.0.1.3 REPLICA_4=127.0.1.4 FRONT=127.0.1.9
said=$(haproxy -c -f deploy/haproxy.cfg 2>&1) || { echo "$said"; exit 1; }
if grep -i warning <<<"$said"; then exit 1; fi
echo "$(haproxy -v | head -1 | cut -d' ' -f1-3) takes deploy/haproxy.cfg"

"$python" .ci/machines/manifests.py deploy/kubernetes
"$python" .ci/machines/drive.py "$binary" "$(command -v haproxy)"
