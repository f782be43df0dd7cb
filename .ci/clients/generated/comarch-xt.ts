import createClient from "openapi-fetch";
import type { components, paths } from "./contracts/comarch-xt.js";
import { at, basic, check, given, refused, variable } from "./common.js";

const url = at("ERPSATZ_COMARCH_XT");
const credentials = basic(variable("ERPSATZ_COMARCH_XT_CLIENT_ID"), variable("ERPSATZ_COMARCH_XT_CLIENT_SECRET"));
const { access_token } = given(await createClient<paths>({ baseUrl: url }).POST("/api2/public/token", {
  body: { grant_type: "client_credentials" },
  headers: { Authorization: credentials, "Content-Type": "application/x-www-form-urlencoded" },
  bodySerializer: (body) => new URLSearchParams({ grant_type: body.grant_type }),
}));
const client = createClient<paths>({ baseUrl: url, headers: { Authorization: `Bearer ${access_token}` } });

const product: components["schemas"]["ProductCreate"] = { Name: "Maus", UnitOfMeasurment: "Stk.", Rate: 9, SaleNetPrice: 20 };
const productId: number = given(await client.POST("/api2/public/products", { body: product }));
const partyId = given(await client.POST("/api2/public/v1.2/customers", { body: { Name: "Muster GmbH", CustomerType: 1 } }));
const body = {
  PurchasingPartyId: partyId, PaymentTypeId: 10260102, IssueDate: "2026-03-02",
  Items: [{ ProductId: productId, Quantity: 3, ProductCurrencyPrice: 20 }],
};
const id = given(await client.POST("/api2/public/v1.4/invoices", { body }));
const path = { id };
const read = given(await client.GET("/api2/public/v1.4/invoices/{id}", { params: { path } }));
check(read.NetTotal === 60 && read.Items[0]?.ProductName === "Maus", `the lines are added up: ${read.NetTotal}`);
check(!Number.isNaN(Date.parse(read.IssueDate)), "dates are instants");
given(await client.PUT("/api2/public/v1.4/invoices", { body: { ...body, Id: id, Description: "geändert" } }));
const query = { $filter: `Id eq ${id}`, $top: 5 };
const [listed] = given(await client.GET("/api2/public/v1.4/invoices", { params: { query } }));
check(listed?.Description === "geändert", "the change is there");
given(await client.DELETE("/api2/public/v1.4/invoices/{id}", { params: { path } }));
const gone = await client.GET("/api2/public/v1.4/invoices/{id}", { params: { path } });
refused(gone, 404);
check(typeof gone.error?.Message === "string", "a refusal says why");
given(await client.DELETE("/api2/public/products/{id}", { params: { path: { id: productId } } }));
console.log("comarch-xt: token, product and customer, invoice created, read, changed, listed, deleted");
