#!/usr/bin/env bash
# .ci/image/run.sh ROOT CONFIG: starts what is in the folder ROOT as a container runtime would (network, processes and
# environment of its own, the image's user), speaks to it, and stops it. CONFIG holds the image's settings, a file each.
set -euo pipefail
root=$1 config=$2
calls=$(dirname "$0")/calls.sh
ip link set lo up

mapfile -t environment <"$config/Env"
mapfile -t command < <(cat "$config/Entrypoint" "$config/Cmd")
mapfile -t health <"$config/Health"
user=$(cat "$config/User")
chroot=$(command -v chroot)
token=image-check
inside=(env -i "${environment[@]}" "ERPSATZ_CONTROL_TOKEN=$token" ERPSATZ_CONTROL_HOST=erpsatz ERPSATZ_MAX_SANDBOXES=7
  "$chroot" --userspec="$user" "$root")
die() { echo "$1" >&2; cat "$config/out" "$config/err" >&2; exit 1; }

unshare --pid --fork "${inside[@]}" "${command[@]}" >"$config/out" 2>"$config/err" &
parent=$!
# The first process of its own kind of process numbers; it outlives its parent, so it is what has to be ended.
process() { tr -d ' ' <"/proc/$parent/task/$parent/children"; }
trap 'kill -KILL "$(process)" 2>/dev/null || true' EXIT
for try in $(seq 100); do
  "${inside[@]}" "${health[@]:1}" 2>/dev/null && break
  [ "$try" -lt 100 ] || die "the image did not become ready"
  sleep 0.1
done
running_as=$(sed -n 's/^Uid:\t\([0-9]*\)\t.*/\1/p' "/proc/$(process)/status")
echo "ready, as user $running_as"
[ "$running_as" = "${user%%:*}" ] && [ "$running_as" != 0 ] || die "it does not run as the image's user $user"
[ "$(stat --format %u "$root/data")" = "$running_as" ] || die "/data is not the image's user's"
grep -q '^erpsatz ready' "$config/out" || die "it did not say that it is ready"

ERPSATZ="$root/erpsatz" bash "$calls" || die "a call was not answered as it should be"

# control EXPECTED [curl's arguments]: the status of the control API
control() {
  local expected=$1 status
  shift
  status=$(curl --silent --output /dev/null --write-out '%{http_code}' http://127.0.0.1:8080/sandboxes "$@")
  [ "$status" = "$expected" ] || die "the control API answered $status, not $expected: $*"
}
control 401
control 200 --header "Authorization: Bearer $token"
control 200 --header "Authorization: Bearer $token" --header 'Host: erpsatz:8080'
# Who has the token is nobody's page: a front may call by a name of its own.
control 200 --header "Authorization: Bearer $token" --header 'Host: front.example:8080'
control 403 --header 'Host: evil.example:8080'
if grep -q "$token" "$config/out" "$config/err"; then die "the token was printed"; fi

kill -TERM "$(process)"
status=0
wait "$parent" || status=$?
[ "$status" = 0 ] || die "stopped with exit $status"
trap - EXIT
echo "stopped by SIGTERM with exit 0"
