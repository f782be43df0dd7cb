import createClient from "openapi-fetch";
import type { components, paths } from "./contracts/8sens.js";
import { at, check, given, refused, variable } from "./common.js";

const url = at("ERPSATZ_8SENS");
const api_key = variable("ERPSATZ_8SENS_API_KEY");
const { access_token } = given(await createClient<paths>({ baseUrl: url }).POST("/v1/login/user", {
  params: { header: { api_key } },
  body: { login: variable("ERPSATZ_8SENS_USER"), password: variable("ERPSATZ_8SENS_PASSWORD") },
  headers: { "Content-Type": "application/x-www-form-urlencoded" },
  bodySerializer: (body) => new URLSearchParams(body),
}));
const client = createClient<paths>({ baseUrl: url, headers: { api_key, Authorization: `Bearer ${access_token}` } });

const customer: components["schemas"]["ClientCreate"] = { cliType: "SOCIETE", cliRaisonSociale: "Serres du Lac" };
const { cliID } = given(await client.POST("/v1/client", { body: customer }));
const address = given(await client.POST("/v1/client/{id}/adresse", {
  params: { path: { id: cliID } },
  body: { adrType: "LIVRAISON", adrLigne1: "4, rue des Tilleuls", adrVille: "Lamballe", adrPays: "FR" },
}));
check(address.adrVille === "Lamballe", "the address is there");
given(await client.PATCH("/v1/client/{id}", { params: { path: { id: cliID } }, body: { cliTel: "02 61 91 00 99" } }));
const changed = given(await client.GET("/v1/client/{id}", { params: { path: { id: cliID } } }));
check(changed.cliTel === "02 61 91 00 99" && changed.adresses?.length === 1, "what was written is read");

const quote = given(await client.POST("/v1/devis", { body: { cliID, lignes: [{ artID: 1001, quantite: 2 }] } }));
const line = given(await client.POST("/v1/devis/{id}/ligne", {
  params: { path: { id: quote.devID } }, body: { artCode: "TER-001", quantite: 1 },
}));
const path = { id: quote.devID, part: line.ligID };
given(await client.PUT("/v1/devis/{id}/ligne/{part}", { params: { path }, body: { quantite: 3 } }));
given(await client.DELETE("/v1/devis/{id}/ligne/{part}", { params: { path } }));
const order = given(await client.POST("/v1/devis/{id}/commande", {
  params: { path: { id: quote.devID } }, body: { cdeRefExterne: "TS-1" },
}));
check(order.lignes?.[0]?.quantite === 2 && order.devID === quote.devID, "the order has the quote's lines");
const page = given(await client.GET("/v1/commande", { params: { query: { refExterne: "TS-1", limit: 5 } } }));
check(page.total === 1 && page.data[0]?.cdeID === order.cdeID, "the order is listed");
const other = given(await client.POST("/v1/devis", { body: { cliID, lignes: [{ artID: 1001, quantite: 1 }] } }));
given(await client.DELETE("/v1/devis/{id}", { params: { path: { id: other.devID } } }));
const again = await client.DELETE("/v1/devis/{id}", { params: { path: { id: quote.devID } } });
refused(again, 409);
check(again.error?.code === "ALREADY_TRANSFORMED" || again.error?.code === "DEVIS_LOCKED", `${again.error?.code}`);
given(await client.DELETE("/v1/login/user"));
console.log("8sens: signed in, client and address, quote to order, another quote cancelled, signed out");
