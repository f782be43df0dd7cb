import { describe, expect, test } from "erpsatz/vitest";
import { attach, start, type Sandbox } from "erpsatz";
import { test as jest } from "erpsatz/jest";

test("typed", async ({ erp, erpsatz }) => {
  const s: Sandbox = erp;
  const n: number = (await s.data("weavy", "customer").list({ limit: 1 })).total;
  const entries = await erp.journal({ server: "weavy" });
  const first: string | undefined = entries[0]?.method;
  await erp.faults.add({ server: "weavy", then: { status: 500 } });
  await erp.faults.add({ server: "weavy", when: { method: "GET", nth: 1 }, then: { delay: "2s" } });
  // @ts-expect-error there is no such key
  await erp.faults.add({ server: "weavy", then: { statuss: 500 } });
  await erp.expect({ request: { server: "weavy", path: "/v1/x" }, times: { exactly: 1 } });
  expect([n, first, erpsatz.slugs]).toBeDefined();
});
describe("x", () => {
  test.override({ scenario: { expect: [{ no_violations: true }] }, failOn: "errors" });
  test("y", async ({ erp }) => void erp.name);
});
jest.override({ scenario: "robot-offline" }).each([[1, "a"]] as [number, string][])("z", async ({ erp }, n, s) => { void [erp.name, n.toFixed(), s.length]; });
export async function f() {
  await using e = await start("default", { only: ["weavy"], seed: 4 });
  await using b = await e.sandbox({ scenario: new URL("file:///x.yaml") });
  const a = await attach("http://127.0.0.1:8080", { token: "x" });
  return [b.url("weavy"), a.controlUrl, (await b.clock.now()).getTime()];
}
