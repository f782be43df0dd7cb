#!/usr/bin/env python3
"""The smallest client that earns each verdict, and its twin that does not, with nothing but the standard library.

    erpsatz exec --scenario verdict-done-twice -- examples/clients/verdicts.py done_twice bad    # exit 3
    erpsatz exec --scenario verdict-done-twice -- examples/clients/verdicts.py done_twice good   # exit 0

docs/verdicts.md shows them with what the real service would have done.
"""

import base64
import http.client
import json
import os
import sys
import time
from decimal import Decimal
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen


def env(name):
    return os.environ["ERPSATZ_" + name]


def basic(user, password):
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


class Erp:
    """A server: `call` gives status, answer and headers; the status is None where no answer came."""

    def __init__(self, url, headers):
        self.url, self.headers = url, headers

    def call(self, method, path, body=None, form=None, headers=None):
        headers = {**self.headers, **(headers or {})}
        data = None
        if body is not None:
            headers["Content-Type"], data = "application/json", json.dumps(body, default=str).encode()
        if form is not None:
            headers["Content-Type"], data = "application/x-www-form-urlencoded", urlencode(form).encode()
        request = Request(self.url + quote(path, safe="/?&=$'(),%"), data, headers, method=method)
        try:
            with urlopen(request, timeout=20) as answer:
                return answer.status, json.loads(answer.read() or b"null"), answer.headers
        except HTTPError as error:
            return error.code, None, error.headers
        except (OSError, http.client.HTTPException, ValueError):
            return None, None, {}

    def get(self, path):
        return self.call("GET", path)[1]


def onlineerp():
    user = basic(env("ONLINEERP_USER"), env("ONLINEERP_PASSWORD"))
    return Erp(env("ONLINEERP_URL") + "/api/Entity", {"Authorization": user, "COMPANY_ID": "0"})


def comarch_xt():
    return log_in(Erp(env("COMARCH_XT_URL") + "/api2/public", {}))


def log_in(erp):
    client = basic(env("COMARCH_XT_CLIENT_ID"), env("COMARCH_XT_CLIENT_SECRET"))
    form = {"grant_type": "client_credentials"}
    _, token, _ = erp.call("POST", "/token", form=form, headers={"Authorization": client})
    erp.headers = {"Authorization": "Bearer " + token["access_token"]}
    return erp


def eightsens():
    return open_session(Erp(env("8SENS_URL") + "/v1", {"api_key": env("8SENS_API_KEY")}))


def open_session(erp):
    form = {"login": env("8SENS_USER"), "password": env("8SENS_PASSWORD")}
    erp.headers["access_token"] = erp.call("POST", "/login/user", form=form)[1]["access_token"]
    return erp


def weavy():
    user = {"projectCode": env("WEAVY_PROJECT"), "userName": env("WEAVY_USER"), "password": env("WEAVY_PASSWORD")}
    erp = Erp(env("WEAVY_URL") + "/v1", {})
    token = erp.call("POST", "/Authenticate", user)[1]["authToken"]
    return Erp(erp.url, {"Authorization": "Bearer " + token})


INVOICE = {"Référence": "WEB-1", "InfoClientFacturerA": {"NoClient": "C0187"}, "LigneFacture": [{"strNoProduit": "BOLT-M8"}]}
MOVEMENTS = [{"NoProduit": "BOLT-M8", "Quantitee": 1}, {"NoProduit": "NO-SUCH", "Quantitee": 1}]
PRODUCTS = "/Product?$orderby=NoProduit&$top=40"


def done_twice_bad():
    erp = onlineerp()
    while erp.call("POST", "/CustomerInvoice", INVOICE)[0] is None:
        pass


def done_twice_good():
    erp = onlineerp()
    while erp.call("POST", "/CustomerInvoice", INVOICE)[0] is None:
        if erp.get("/CustomerInvoice?$filter=Référence eq 'WEB-1'"):
            break


def refusal_ignored_bad():
    erp = onlineerp()
    assert erp.call("POST", "/ProductTrail", MOVEMENTS)[0] < 300


def refusal_ignored_good():
    erp = onlineerp()
    status, answer, _ = erp.call("POST", "/ProductTrail", MOVEMENTS)
    for movement, result in zip(MOVEMENTS, answer):
        if "NO-SUCH" in json.dumps([movement, result]):
            erp.call("POST", "/Product", {"NoProduit": movement["NoProduit"], "Description": "Nouveau"})
            erp.call("POST", "/ProductTrail", [movement])


def lost_update_bad():
    erp = onlineerp()
    product = erp.get("/Product/BOLT-M8")
    erp.call("PUT", "/Product/BOLT-M8", {"Description": product["Description"], "PrixVente": 9.99})


def lost_update_good():
    erp = onlineerp()
    erp.get("/Product/BOLT-M8")
    erp.call("PUT", "/Product/BOLT-M8", {"PrixVente": 9.99})


def emptied_fields_bad():
    erp = comarch_xt()
    customer = erp.get("/customers/529801")
    erp.call("PUT", "/customers", {name: customer[name] for name in ("Id", "Name", "CustomerType")})


def emptied_fields_good():
    erp = comarch_xt()
    customer = erp.get("/customers/529801")
    erp.call("PUT", "/customers", {**customer, "PhoneNumber": "030 9"})


def ignored_retry_after_bad():
    erp = onlineerp()
    for _ in range(4):
        erp.call("GET", "/Product/BOLT-M8")


def ignored_retry_after_good():
    erp = onlineerp()
    for _ in range(4):
        status, _, headers = erp.call("GET", "/Product/BOLT-M8")
        if status == 429:
            time.sleep(int(headers["Retry-After"]))


def retried_without_pause_bad():
    erp = onlineerp()
    while erp.call("GET", "/Customer/C0187")[0] == 503:
        pass


def retried_without_pause_good():
    erp, pause = onlineerp(), 0.1
    while erp.call("GET", "/Customer/C0187")[0] == 503:
        time.sleep(pause)
        pause *= 2


def token_on_every_call_bad():
    for number in range(10906701, 10906708):
        comarch_xt().get(f"/products/{number}")


def token_on_every_call_good():
    erp = comarch_xt()
    for number in range(10906701, 10906708):
        erp.get(f"/products/{number}")


def list_not_finished_bad():
    erp = onlineerp()
    erp.get(PRODUCTS)


def list_not_finished_good():
    erp, products = onlineerp(), []
    while page := erp.get(f"{PRODUCTS}&$skip={len(products)}"):
        products += page


def row_missed_bad():
    erp, products = onlineerp(), []
    while page := erp.get(f"{PRODUCTS}&$skip={len(products)}"):
        products += page


def row_missed_good():
    erp = onlineerp()
    page = erp.get(PRODUCTS)
    while page:
        page = erp.get(f"{PRODUCTS}&$filter=NoProduit gt '{page[-1]['NoProduit']}'")


def sent_ignored_fields_bad():
    erp = onlineerp()
    erp.call("PUT", "/Product/BOLT-M8", {"Description": "Boulon", "QteEnMain": 5000})


def sent_ignored_fields_good():
    erp = onlineerp()
    erp.call("PUT", "/Product/BOLT-M8", {"Description": "Boulon"})
    erp.call("POST", "/ProductTrail", {"NoProduit": "BOLT-M8", "Quantitee": 5})


def stale_export_bad():
    erp = weavy()
    for _ in range(3):
        erp.get("/Data/DEMO/supplier?serverExport=1")


def stale_export_good():
    erp = weavy()
    for _ in range(3):
        rows = erp.get("/Data/DEMO/supplier?serverExport=1")
        told = [{"rowCode": row["supplier_ID"], "srvDateUTC": row["srvDateUTC"]} for row in rows]
        if told:
            erp.call("PUT", "/Data/DEMO/ServerExport", {"entityName": "supplier", "srvExport": 0, "rows": told})


def left_open_bad():
    for number in (30, 31):
        eightsens().get(f"/client/{number}")


def left_open_good():
    for number in (30, 31):
        session = eightsens()
        session.get(f"/client/{number}")
        session.call("DELETE", "/login/user")


def wasted_calls_bad():
    erp = onlineerp()
    for number in ("BOLT-M8", "ECROU-M8"):
        next((row for row in erp.get("/Product?$orderby=NoProduit") if row["NoProduit"] == number), None)


def wasted_calls_good():
    erp = onlineerp()
    products = {row["NoProduit"]: row for row in erp.get("/Product?$orderby=NoProduit")}
    for number in ("BOLT-M8", "ECROU-M8"):
        products.get(number)


def unordered_pages_bad():
    erp = onlineerp()
    for skip in (0, 40):
        erp.get(f"/Product?$top=40&$skip={skip}")


def unordered_pages_good():
    erp = onlineerp()
    for skip in (0, 40):
        erp.get(f"/Product?$top=40&$skip={skip}&$orderby=NoProduit")


def assumed_default_bad():
    erp = onlineerp()
    del erp.headers["COMPANY_ID"]
    erp.call("POST", "/ProductTrail", {"NoProduit": "BOLT-M8", "Quantitee": 1})


def assumed_default_good():
    erp = onlineerp()
    erp.headers["COMPANY_ID"] = "0"
    erp.call("POST", "/ProductTrail", {"NoProduit": "BOLT-M8", "Quantitee": 1})


def imprecise_money_bad():
    erp = onlineerp()
    erp.call("PUT", "/Product/BOLT-M8", {"PrixVente": 0.1 + 0.2})


def imprecise_money_good():
    erp = onlineerp()
    erp.call("PUT", "/Product/BOLT-M8", {"PrixVente": float(Decimal("0.1") + Decimal("0.2"))})


if __name__ == "__main__":
    if len(sys.argv) == 1:
        print("\n".join(name.removesuffix("_bad") for name in list(globals()) if name.endswith("_bad")))
    else:
        globals()[f"{sys.argv[1]}_{sys.argv[2]}"]()
