// Tests that must fail: what they show is looked at.
import { expect, test } from "erpsatz/vitest";

test.override({
  scenario: { expect: [{ request: { server: "weavy", method: "POST", path: "/v1/Authenticate" }, times: { exactly: 1 } }] },
});

test("misses an expectation", async ({ erp }) => {
  expect(erp.name).toBeTruthy();
});

test("fails by itself", async ({ erp }) => {
  expect(erp.name).toBe("other");
});

test("has lost its sandbox", async ({ erp, erpsatz }) => {
  await erpsatz.control.json("DELETE", `/sandboxes/${erp.name}`);
});

test("passes", async ({ erp }) => {
  await erp.session("weavy").signIn();
});
