const { test } = require("erpsatz/jest");

const logsIn = { expect: [{ request: { server: "weavy", method: "POST", path: "/v1/Authenticate" }, times: { exactly: 1 } }] };
const judged = test.override({ scenario: logsIn });

test("reads", async ({ erp }) => {
  expect((await erp.session("onlineerp").fetch("/api/Entity/Product")).status).toBe(200);
});

judged.each(["a"])("logs in %s", async ({ erp }) => {
  await erp.session("weavy").signIn();
});

judged("misses an expectation", async ({ erp }) => {
  expect(erp.name).toBeTruthy();
});
