#!/usr/bin/env python3
"""Reads every product of Comarch ERP XT, page by page, with nothing but the standard library.

    erpsatz exec --scenario token-expires-mid-sync -- examples/clients/sync.py good   # exit 0
    erpsatz exec --scenario token-expires-mid-sync -- examples/clients/sync.py bad    # exit 3: a token for every call
"""

import base64
import json
import os
import sys
import time
from urllib.error import HTTPError
from urllib.request import Request, urlopen

API = os.environ["ERPSATZ_COMARCH_XT_URL"] + "/api2/public"
CLIENT = f"{os.environ['ERPSATZ_COMARCH_XT_CLIENT_ID']}:{os.environ['ERPSATZ_COMARCH_XT_CLIENT_SECRET']}"


def new_token():
    basic = base64.b64encode(CLIENT.encode()).decode()
    request = Request(API + "/token", b"grant_type=client_credentials", {"Authorization": "Basic " + basic})
    with urlopen(request) as answer:
        return json.load(answer)["access_token"]


def ask(skip, token):
    """The 50 products after the first `skip`."""
    url = f"{API}/products?$orderby=Id&$top=50&$skip={skip}"
    with urlopen(Request(url, headers={"Authorization": "Bearer " + token})) as answer:
        return json.load(answer)


def good():
    """One token for as long as it lives: a 401 costs one new one and the same page again, a 5xx the same page again."""
    token = new_token()

    def page(skip, tries=4):
        nonlocal token
        try:
            return ask(skip, token)
        except HTTPError as error:
            if tries == 1 or error.code not in (401, 500, 502, 503, 504):
                raise
            if error.code == 401:
                token = new_token()
            else:
                time.sleep(0.1)
            return page(skip, tries - 1)

    return page


def bad():
    """A new token before every call, whatever the last one was worth."""

    def page(skip):
        try:
            return ask(skip, new_token())
        except HTTPError:
            return page(skip)

    return page


page, products = {"good": good, "bad": bad}[sys.argv[1]](), []
while read := page(len(products)):
    products += read
print(f"{len(products)} products, {len({product['Id'] for product in products})} of them different")
