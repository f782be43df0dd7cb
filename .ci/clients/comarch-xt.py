"""A mainstream OAuth client (Authlib) against Comarch ERP XT.

It must get a token, and must not learn its lifetime: the vendor says `expires`, the standard `expires_in`. So the client
finds out by a 401, asks for one new token and goes on.
"""

import os
import uuid

import requests
from authlib.integrations.requests_client import OAuth2Session

SANDBOX = "authlib-" + uuid.uuid4().hex[:12]
CONTROL = os.environ["ERPSATZ_CONTROL_URL"]
BASE = f"{os.environ['ERPSATZ_COMARCH_XT_URL']}/~{SANDBOX}/api2/public"
TOKEN = f"{BASE}/token"


def control(method, path, **body):
    answer = requests.request(method, f"{CONTROL}/sandboxes/{SANDBOX}{path}", json=body or None, timeout=10)
    answer.raise_for_status()
    return answer.json() if answer.content else None


class Client:
    """What a careful integration does: one retry with a new token after a 401."""

    def __init__(self):
        self.session = OAuth2Session("demo-client", "demo-secret", token_endpoint_auth_method="client_secret_basic")
        self.token()

    def token(self):
        return self.session.fetch_token(TOKEN, grant_type="client_credentials")

    def call(self, method, path, **options):
        answer = self.session.request(method, f"{BASE}/{path}", timeout=10, **options)
        if answer.status_code == 401:
            self.token()
            answer = self.session.request(method, f"{BASE}/{path}", timeout=10, **options)
        answer.raise_for_status()
        return answer


requests.post(f"{CONTROL}/sandboxes", json={"name": SANDBOX}, timeout=10).raise_for_status()
try:
    client = Client()
    token = dict(client.session.token)
    assert token["token_type"] == "bearer" and token["expires"] == 600, token
    assert "expires_in" not in token and "expires_at" not in token, token
    assert not client.session.token.is_expired(), "the library must not know when the token dies"

    product = client.call("POST", "products", json={"Name": "Kabel", "UnitOfMeasurment": "Stk.", "Rate": 9,
                                                    "SaleNetPrice": 10}).json()
    assert isinstance(product, int), product
    invoice = client.call("POST", "invoices", json={
        "PurchasingPartyId": 529801, "PaymentTypeId": 10260102,
        "Items": [{"ProductId": product, "Quantity": 2, "ProductCurrencyNetPrice": 10}]}).json()
    change = client.call("PUT", "products", json={"Id": product, "Name": "Kabel 2 m", "UnitOfMeasurment": "Stk.",
                                                  "Rate": 9, "SaleNetPrice": 11})
    assert change.status_code == 204 and not change.content
    assert client.call("GET", f"products/{product}").json()["SaleGrossPrice"] == 13.09
    assert client.call("GET", f"invoices/{invoice}/print").json().startswith("data:application/pdf;base64,JVBER")

    control("PATCH", "/clock", advance="PT601S")
    old = client.session.token["access_token"]
    bare = requests.get(f"{BASE}/products", headers={"Authorization": f"Bearer {old}"}, timeout=10)
    assert bare.status_code == 401, bare.status_code
    assert client.call("GET", f"invoices/{invoice}").json()["Id"] == invoice
    assert client.session.token["access_token"] != old

    entries = control("GET", "/journal")["entries"]
    tokens = [entry for entry in entries if entry["path"].endswith("/token")]
    assert len(tokens) == 2, f"{len(tokens)} tokens"
    refused = [entry for entry in entries if entry["status"] == 401]
    assert len(refused) == 2, "the bare call and the one that was retried"
finally:
    requests.delete(f"{CONTROL}/sandboxes/{SANDBOX}", timeout=10)
print("authlib: one token, one refresh, no lifetime learnt")
