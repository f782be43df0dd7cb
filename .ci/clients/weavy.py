"""The round of the public connector (Mautic plugin), spoken by Python's `requests`: login, dictionary, create, change,
Select by a date window, validation of the export, a code that is not there."""

import os

import requests

BASE = os.environ["ERPSATZ_WEAVY_URL"] + "/v1"


def main():
    session = requests.Session()
    login = session.post(f"{BASE}/Authenticate", json={"projectCode": "DEMO", "username": "api", "password": "api"})
    assert login.status_code == 200, login.text
    session.headers["Authorization"] = "Bearer " + login.json()["authToken"]

    fields = session.get(f"{BASE}/Dictionary/DEMO/customercontact").json()["fields"]
    assert {"fieldName", "translations", "fieldType", "fieldLength"} <= set(fields[0]), fields[0]

    code = "CI-CLIENT"
    path = f"{BASE}/Data/DEMO/customercontact"
    created = session.post(path, json={"customercontact_ID": code, "email": "ci@client.example"})
    assert created.status_code == 200, created.text
    changed = session.put(f"{path}/{code}", json={"customercontact_ID": code, "lastName": "Müller"})
    assert changed.status_code == 200 and changed.json()["lastName"] == "Müller", changed.text
    date = changed.json()["srvDateUTC"]
    assert date > created.json()["srvDateUTC"], "strictly later"

    window = [
        {"filterKey": "date", "fieldName": "srvDate", "operator": "GreaterThan", "filterValues": [created.json()["srvDateUTC"].replace("T", " ")]},
        {"filterKey": "date", "fieldName": "srvDate", "operator": "LessThan", "filterValues": ["2999-01-01 00:00:00"]},
    ]
    found = session.post(
        f"{BASE}/Data/DEMO/Select",
        json={"entityName": "customercontact", "returnFields": [{"fieldName": "email"}], "filterFields": window},
    )
    assert found.status_code == 200 and code in [row["customercontact_ID"] for row in found.json()], found.text

    row = {"rowCode": code, "srvDateUTC": date}
    validated = session.put(
        f"{BASE}/Data/DEMO/ServerExport", json={"entityName": "customercontact", "srvExport": 0, "rows": [row]}
    )
    assert validated.json()["updatedRow"] == 1, validated.text
    assert session.get(f"{path}/{code}").json()["srvExport"] == 0
    assert session.get(f"{path}/UNKNOWN").status_code == 404
    assert session.delete(f"{path}/{code}", params={"deleteMode": "Physical"}).status_code == 200


main()
print("requests: the connector's round, eleven calls")
