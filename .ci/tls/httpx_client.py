"""A token of Comarch XT by httpx, which trusts what SSL_CERT_FILE names, with the strict checks of Python 3.13."""

import os
import ssl

import httpx

BASE = os.environ.get("BASE", "https://app.erpxt.de")

trust = ssl.create_default_context()
trust.verify_flags |= ssl.VERIFY_X509_STRICT
answer = httpx.post(
    f"{BASE}/api2/public/token",
    data={"grant_type": "client_credentials"},
    auth=("demo-client", "demo-secret"),
    verify=trust,
)
answer.raise_for_status()
assert answer.json()["access_token"], answer.text
