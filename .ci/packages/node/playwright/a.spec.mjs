import { expect, test } from "erpsatz/playwright";

test("reads", async ({ erp }) => {
  expect((await erp.session("onlineerp").fetch("/api/Entity/Product")).status).toBe(200);
});

test.describe("judged", () => {
  test.use({ scenario: { expect: [{ request: { server: "weavy", method: "POST", path: "/v1/Authenticate" }, times: { exactly: 1 } }] } });

  test("misses an expectation", async ({ erp }) => {
    expect(erp.name).toBeTruthy();
  });
});
