// Everything that the package has.
import { mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { attach, start } from "erpsatz";
import { describe, expect, test } from "erpsatz/vitest";

const lists = {
  onlineerp: "/api/Entity/Product",
  "8sens": "/v1/article",
  "comarch-xt": "api2/public/products",
  weavy: "/v1/Dictionary/DEMO/customer",
  clavus: "/api/external/graphql",
};

describe.concurrent("side by side", () => {
  for (const [slug, list] of Object.entries(lists)) {
    test(`signs in at ${slug} and keeps the sandbox`, async ({ erp }) => {
      const client = erp.session(slug);
      const query = { method: "POST", body: '{"query":"{ __typename }"}', headers: { "content-type": "application/json" } };
      for (let time = 0; time < 2; time += 1) {
        const answer = await client.fetch(list, slug === "clavus" ? query : {});
        expect(answer.status).toBe(200);
        expect(answer.url.startsWith(`${erp.url(slug)}/`)).toBe(true);
      }
      const logins = (await erp.journal({ server: slug })).filter(({ method }) => method === "POST" && slug !== "clavus");
      expect(logins).toHaveLength(["onlineerp", "clavus"].includes(slug) ? 0 : 1);
    });
  }
});

test("every server is signed in to", async ({ erp, erpsatz }) => {
  const { items } = await (await fetch(`${erpsatz.controlUrl}/servers`)).json();
  for (const { slug, first_call } of items.filter((one) => !(one.slug in lists))) {
    const answer = await erp.session(slug).fetch(/\{url\}(\S*)/.exec(first_call)[1]);
    expect([slug, answer.status]).toEqual([slug, 200]);
  }
});

test("clock", async ({ erp }) => {
  await erp.clock.set(new Date("2031-03-02T08:00:00Z"));
  const before = await erp.clock.freeze();
  expect((await erp.clock.advance("PT15M")) - before).toBe(900_000);
  expect((await erp.clock.advance(1500)) - before).toBe(901_500);
  await erp.clock.resume();
  await expect(erp.clock.set("2020-01-01T00:00:00Z")).rejects.toMatchObject({ status: 400 });
});

test("faults", async ({ erp }) => {
  const added = await erp.faults.add({ server: "weavy", when: { method: "GET" }, then: { status: 503 } });
  expect((await erp.faults.list()).map(({ hits }) => hits)).toEqual([0]);
  await erp.faults.remove(added);
  await erp.faults.add({ id: "other", server: "weavy", then: { status: 503 } });
  await erp.faults.remove("other");
  expect((await erp.faults.list()).total).toBe(0);
  await erp.faults.clear();
  await expect(erp.faults.add({ server: "weavi", then: { status: 500 } })).rejects.toThrow("weavy");
});

test("data of a company", async ({ erp }) => {
  const products = erp.data("onlineerp", "Product", { company: 1 });
  const key = (await products.add({ NoProduit: "VIS/4 é", Description: "Vis" })).NoProduit;
  expect((await products.put(key, { Description: "Écrou" })).Description).toBe("Écrou");
  expect(await products.list({ q: "vis/4" })).toHaveLength(1);
  expect((await products.get(key)).Description).toBe("Écrou");
  await products.delete(key);
  await expect(products.get(key)).rejects.toMatchObject({ status: 404 });
  expect(await products.add([{ NoProduit: "A" }, { NoProduit: "B" }])).toHaveLength(2);
});

test("world", async ({ erp }) => {
  await erp.snapshot("before");
  const usual = await erp.settings("comarch-xt").get();
  expect((await erp.settings("comarch-xt").set({ token_lifetime: 7 })).token_lifetime).toBe(7);
  await erp.restore("before");
  expect(await erp.settings("comarch-xt").get()).toEqual(usual);
  await erp.act("onlineerp", "robot-offline");
  expect((await erp.session("onlineerp").fetch(lists.onlineerp)).status).toBe(503);
  await erp.reset();
  expect((await erp.fetch("onlineerp", lists.onlineerp)).status).toBe(401);
  await erp.load("default");
  expect((await erp.call("GET", "")).scenario).toBe("default");
  await erp.load({ name: "other", seed: 4 });
  expect((await erp.call("GET", "")).scenario).toBe("other");
});

test("expectations", async ({ erp }) => {
  const once = { request: { server: "weavy", method: "POST", path: "/v1/Authenticate" }, times: { exactly: 1 } };
  expect(await erp.expect(once)).toBe("expectation-1");
  expect(await erp.expect([once, once])).toHaveLength(2);
  expect((await erp.verify(once)).met).toBe(false);
  await erp.session("weavy").signIn();
  expect((await erp.verify(once)).met).toBe(true);
  expect((await erp.report()).ok).toBe(true);
});

describe("a file beside the test", () => {
  test.override({ scenario: "scenarios/mine.yaml", seed: 5 });

  test("is read", async ({ erp }) => {
    expect(await erp.call("GET", "")).toMatchObject({ scenario: "mine", seed: 5 });
  });
});

test("another sandbox of the name is none", async ({ erpsatz }) => {
  const own = await erpsatz.sandbox();
  const session = own.session("onlineerp");
  expect((await session.fetch("/api/Entity/Product")).headers.get("erpsatz-sandbox-id")).toBe(own.id);
  await own.reset();
  expect((await session.fetch("/api/Entity/Product")).status).toBe(200);
  await erpsatz.control.json("DELETE", `/sandboxes/${own.name}`);
  const lost = `the sandbox was lost: ${own.name}`;
  await expect(own.report()).rejects.toThrow(lost);
  await expect(session.fetch("/api/Entity/Product")).rejects.toThrow(lost);
  await expect(own.fetch("onlineerp", "/api/Entity/Product")).rejects.toThrow(lost);
  await expect(own.load("default")).rejects.toThrow(lost);
  await (await erpsatz.sandbox(own.name)).delete();
});

test("attaching and starting", async ({ erpsatz }) => {
  const attached = await attach(erpsatz.controlUrl, { urls: { weavy: "http://erp.example:1/" } });
  const own = await attached.sandbox({ scenario: { name: "own", seed: 4 } });
  expect((await attached.sandbox(own.name)).url("weavy")).toBe(`http://erp.example:1/~${own.name}`);
  expect(() => attached.url("weavi")).toThrow("no server `weavi`");
  await expect(attach("http://127.0.0.1:9")).rejects.toThrow("no Erpsatz answers");
  await expect(start("robot-ofline")).rejects.toThrow("did you mean");
  const another = await start({ scenario: { name: "own", seed: 4 }, only: ["weavy"], strict: true });
  expect(another.slugs).toEqual(["weavy"]);
  await another.stop();
  await own.delete();
});

test("a run that fails is kept", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "erpsatz-"));
  const another = await start(undefined, { only: ["weavy"], capsules: folder });
  const request = { server: "weavy" };
  await (await another.sandbox({ name: "missed", scenario: { expect: [{ request, times: { exactly: 1 } }] } })).delete();
  await (await another.sandbox({ name: "met", scenario: { expect: [{ request, never: true }] } })).delete();
  await another.stop();
  expect(readdirSync(folder)).toEqual(["missed.capsule"]);
  const attached = attach(undefined, { url: "http://127.0.0.1:9", token: "x" });
  await expect(attached).rejects.toThrow("http://127.0.0.1:9");
});
