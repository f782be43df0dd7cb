import createClient from "openapi-fetch";
import type { components, paths } from "./contracts/onlineerp.js";
import { at, basic, check, given, refused, variable } from "./common.js";

const url = at("ERPSATZ_ONLINEERP");
const Authorization = basic(variable("ERPSATZ_ONLINEERP_USER"), variable("ERPSATZ_ONLINEERP_PASSWORD"));
const client = createClient<paths>({ baseUrl: url, headers: { Authorization } });

const product: components["schemas"]["ProductCreate"] = { NoProduit: "TS-1", Description: "Écrou", PrixVente: 1.25 };
const created = given(await client.POST("/api/Entity/Product", { body: product }));
const id: string = created.NoUniqueSystemeSource;
refused(await client.POST("/api/Entity/Product", { body: product, params: { header: { "If-None-Match": "*" } } }), 412);
const read = given(await client.GET("/api/Entity/Product/{id}", { params: { path: { id } } }));
check(read.PrixVente === 1.25 && read.EstActif === true, "what was written is read");
given(await client.PUT("/api/Entity/Product", { body: { NoProduit: "TS-1", Description: "Écrou M12" } }));
given(await client.PUT("/api/Entity/Product/{id}", { params: { path: { id } }, body: { PrixVente: 1.5 } }));
const query = { $filter: "NoProduit eq 'TS-1'", $top: 5 };
const [listed] = given(await client.GET("/api/Entity/Product", { params: { query } }));
check(listed?.Description === "Écrou M12" && listed.PrixVente === 1.5, "both changes are there");

const customer = given(await client.POST("/api/Entity/Customer", { body: { NoClient: "TS-C", NomClient: "Berge inc." } }));
const invoice = given(await client.POST("/api/Entity/CustomerInvoice", {
  body: { InfoClientFacturerA: { NoClient: customer.NoClient }, LigneFacture: [{ strNoProduit: "TS-1", QteFacture: 4 }] },
}));
check(invoice.MontantSousTotal === 6, `the lines are added up: ${invoice.MontantSousTotal}`);
const [expanded] = given(await client.GET("/api/Entity/SupplierInvoice", {
  params: { query: { $top: 1, $expand: "Fournisseur,LigneFacture.Produit" } },
}));
check(typeof expanded?.Fournisseur?.NomFournisseur === "string", "the supplier is shown beside");
given(await client.PUT("/api/Entity/Product/{id}", { params: { path: { id } }, body: { EstActif: false } }));
refused(await client.GET("/api/Entity/Product/{id}", { params: { path: { id: "nobody" } } }), 404);
console.log("onlineerp: created, read, changed, listed, invoiced, put out of use");
