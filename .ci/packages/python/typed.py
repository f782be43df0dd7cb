"""What users write, under strict type checkers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import erpsatz

if TYPE_CHECKING:
    from erpsatz.control_types import Report


def shop(erp: erpsatz.Sandbox) -> Report:
    total: int = erp.data("weavy", "customer").list(limit=1).total
    first: str = erp.journal(server="weavy")[0]["method"]
    hits: int = erp.faults.list()[0]["hits"]
    status: int = erp.session("weavy").get("/v1").status_code + erp.client("weavy").get("/v1").status_code
    erp.expect({"no_violations": True})
    print(total, first, hits, status, erp.clock.now().year)
    return erp.report()


with erpsatz.start("default", only=["weavy"]) as running, running.sandbox() as sandbox:
    print(shop(sandbox)["ok"])
