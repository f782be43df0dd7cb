import createClient from "openapi-fetch";
import type { components, paths } from "./contracts/weavy.js";
import { at, check, given, refused, variable } from "./common.js";

const url = at("ERPSATZ_WEAVY");
const { authToken } = given(await createClient<paths>({ baseUrl: url }).POST("/v1/Authenticate", {
  body: {
    scope: "API", projectCode: "DEMO",
    userName: variable("ERPSATZ_WEAVY_USER"), password: variable("ERPSATZ_WEAVY_PASSWORD"),
  },
}));
const client = createClient<paths>({ baseUrl: url, headers: { Authorization: `Bearer ${authToken}` } });

const project = "DEMO" as const;
const customer: components["schemas"]["CustomerInput"] = { customer_ID: "TS-1", name: "Fonderie", city: "Lyon" };
const created = given(await client.POST("/v1/Data/{project}/customer", { params: { path: { project } }, body: customer }));
const code: string = created.customer_ID;
const read = given(await client.GET("/v1/Data/{project}/customer/{code}", { params: { path: { project, code } } }));
check(read.name === "Fonderie" && read.comment === null, "what was written is read");
given(await client.PUT("/v1/Data/{project}/customer/{code}", {
  params: { path: { project, code }, query: { serverExport: 1 } }, body: { comment: "Rappeler lundi" },
}));
given(await client.POST("/v1/Data/{project}/DataSet", {
  params: { path: { project }, query: { deleteMode: "0", serverExport: 0 } },
  body: { customer: { customer_ID: code, customercontact: [{ customercontact_ID: "TS-1-1", lastName: "Ada" }] } },
}));
const rows = given(await client.GET("/v1/Data/{project}/customercontact", { params: { path: { project }, query: { limit: 1000 } } }));
check(rows.some((row) => row.customer_ID === code && row.lastName === "Ada"), "the contact has its link");
given(await client.POST("/v1/Data/{project}/BulkImport", {
  params: { path: { project } }, body: { entityName: "product", rows: [{ product_ID: "TS-P", description: "Vis" }] },
}));
const selected = given(await client.POST("/v1/Data/{project}/Select", {
  params: { path: { project } },
  body: { entityName: "customer", filterFields: [{ fieldName: "city", operator: "Equal", filterValues: ["Lyon"] }] },
}));
check(selected.length > 0, "the customer is found");
const removal = { params: { path: { project, code }, query: { deleteMode: "Physical" } } } as const;
given(await client.DELETE("/v1/Data/{project}/customercontact/{code}", {
  params: { path: { project, code: "TS-1-1" }, query: { deleteMode: "Physical" } },
}));
given(await client.DELETE("/v1/Data/{project}/customer/{code}", removal));
refused(await client.GET("/v1/Data/{project}/customer/{code}", { params: { path: { project, code } } }), 404);
console.log("weavy: token, customer created, read, changed, with its contact, rows imported, found, deleted");
