#!/usr/bin/env bash
# tls.sh BINARY: clients that verify, each by its own trust setting, speak HTTPS to the binary: to its ports, then to the vendor's host that
# stands in their source, through the proxy of `exec --intercept`. A client that cannot be had here is skipped loudly.
set -euo pipefail
ERPSATZ=$(realpath "$1")
export ERPSATZ
cd "$(dirname "$0")/tls"
. ../debian.sh.inc

skipped() { printf 'SKIPPED %s; this does not count as passed\n' "$*"; }
fail() { printf 'FAILED %s\n' "$*"; exit 1; }

# What needs to be installed is installed once, outside.
if [ "${2:-}" = "" ]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  export WORK=$work
  if python3 -m venv "$work/venv" 2>/dev/null && "$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check requests httpx; then
    export PYTHON=$work/venv/bin/python
  else
    skipped "requests and httpx: they cannot be installed from PyPI"
  fi
  if command -v npm >/dev/null && npm install --silent --no-audit --no-fund --prefix "$work/node" undici@6 >/dev/null; then
    export UNDICI_FOLDER=$work/node/node_modules/undici/index.js
  else
    skipped "undici: it cannot be installed from npm"
  fi
  command -v keytool >/dev/null || debian --no-install-recommends default-jdk-headless || true
  command -v keytool >/dev/null || skipped "java: there is no JDK, and none can be installed"
  if CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$work/target} cargo build --quiet --manifest-path reqwest/Cargo.toml; then
    export REQWEST=${CARGO_TARGET_DIR:-$work/target}/debug/reqwest-client
  else
    fail "reqwest: it does not build"
  fi
  "$ERPSATZ" exec --trust -- bash "../tls.sh" "$ERPSATZ" ports
  "$ERPSATZ" exec --intercept -- bash "../tls.sh" "$ERPSATZ" proxy
  "$ERPSATZ" exec --intercept --intercept-auth -- bash "../tls.sh" "$ERPSATZ" asking
  exit
fi

part=$2
# try NAME CMD…: the client gets its token
try() {
  local name=$1
  shift
  "$@" || fail "$part: $name"
  printf -- '-- %s: %s\n' "$part" "$name"
}

# came SANDBOX: how many tokens the sandbox gave
came() { curl --noproxy '*' --silent "$ERPSATZ_CONTROL_URL/sandboxes/$1/journal?path=/api2/public/token&status=200" | grep -o '"total":[0-9]*' | cut -d: -f2; }

truststore() {
  "$ERPSATZ" ca --control "$ERPSATZ_CONTROL_URL" --pkcs12 "$WORK/$part.p12"
  keytool -list -keystore "$WORK/$part.p12" -storepass changeit | grep -q 'erpsatz, .*trustedCertEntry' || fail "keytool sees no trusted certificate"
  java=(java -Djavax.net.ssl.trustStore="$WORK/$part.p12" -Djavax.net.ssl.trustStorePassword=changeit)
}
through=()
if [ "$part" != ports ]; then
  address=${ERPSATZ_PROXY_URL#http://}
  # The proxy's user and password may stand before it.
  address=${address#*@}
  through=(-Dhttps.proxyHost="${address%:*}" -Dhttps.proxyPort="${address#*:}")
fi

case $part in
  ports)
    export BASE=$ERPSATZ_COMARCH_XT_HTTPS_URL
    address=${BASE#https://}
    for name in 127.0.0.1 localhost app.erpxt.de; do
      try "openssl -x509_strict, $name" bash -c "openssl s_client -connect $address \
        $([ $name = 127.0.0.1 ] && echo -verify_ip || echo "-servername $name -verify_hostname") $name \
        -CAfile $ERPSATZ_CA -x509_strict -verify_return_error </dev/null 2>/dev/null | grep -q 'Verify return code: 0 (ok)'"
    done
    if env -u CURL_CA_BUNDLE -u SSL_CERT_FILE curl --silent "$BASE" >/dev/null; then fail "curl trusts anybody"; fi
    try curl bash curl.sh
    try "curl --cacert" env -u CURL_CA_BUNDLE -u SSL_CERT_FILE curl --silent --cacert "$ERPSATZ_CA" --output /dev/null "$BASE"
    if [ -n "${PYTHON:-}" ]; then
      try requests "$PYTHON" requests_client.py
      try "httpx, X509_STRICT" "$PYTHON" httpx_client.py
    fi
    if command -v node >/dev/null; then try "node fetch" node fetch.mjs; else skipped "node: it is not installed"; fi
    if command -v keytool >/dev/null; then
      truststore
      try java "${java[@]}" Token.java
    fi
    try reqwest "$REQWEST"
    [ "$(came default)" -ge 3 ] || fail "the tokens did not come from here"
    ;;
  proxy)
    for user in "" t42:x@; do
      export HTTPS_PROXY=http://$user$address https_proxy=http://$user$address
      try "curl, ${user:-no user}" bash curl.sh
      if [ -n "${PYTHON:-}" ]; then
        try "requests, ${user:-no user}" "$PYTHON" requests_client.py
        try "httpx, ${user:-no user}" "$PYTHON" httpx_client.py
      fi
      if [ -n "${UNDICI_FOLDER:-}" ]; then
        try "undici's EnvHttpProxyAgent, ${user:-no user}" env UNDICI="$UNDICI_FOLDER" node fetch.mjs
        if node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a >= 24 || (a === 22 && b >= 21) ? 0 : 1)'; then
          try "node's own fetch, ${user:-no user}" node fetch.mjs
        else
          skipped "node's own fetch through the proxy: $(node --version) has no NODE_USE_ENV_PROXY"
        fi
      fi
      try "reqwest, ${user:-no user}" "$REQWEST"
    done
    if command -v keytool >/dev/null; then
      truststore
      try java "${java[@]}" "${through[@]}" Token.java
    fi
    [ "$(came default)" -ge 2 ] && [ "$(came t42)" -ge 2 ] || fail "the sandboxes did not get their requests"
    refused=$(curl --silent --show-error https://api.github.com/ 2>&1 || true)
    [[ $refused == *403* ]] || fail "another host is not refused: $refused"
    ;;
  asking)
    if command -v keytool >/dev/null; then
      truststore
      try "java, which waits to be asked" env PROXY_USER=asked "${java[@]}" "${through[@]}" -Djdk.http.auth.tunneling.disabledSchemes= Token.java
      [ "$(came asked)" -ge 1 ] || fail "the sandbox did not get its request"
    fi
    export HTTPS_PROXY=http://curl:x@$address https_proxy=http://curl:x@$address
    try "curl, which brings its user" bash curl.sh
    ;;
esac
