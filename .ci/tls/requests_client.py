"""A token of Comarch XT by requests, which trusts what REQUESTS_CA_BUNDLE names."""

import os

import requests

BASE = os.environ.get("BASE", "https://app.erpxt.de")

answer = requests.post(
    f"{BASE}/api2/public/token",
    data={"grant_type": "client_credentials"},
    auth=("demo-client", "demo-secret"),
    timeout=30,
)
answer.raise_for_status()
assert answer.json()["access_token"], answer.text
