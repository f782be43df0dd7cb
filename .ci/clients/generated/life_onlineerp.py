import base64

from common import at, given, variable
from online_erp_erp_connector_v_4_client import AuthenticatedClient
from online_erp_erp_connector_v_4_client.api.product import create_product, get_product, list_product, update_product_by_key
from online_erp_erp_connector_v_4_client.models import Error, Product, ProductChangeByKey, ProductCreate

pair = f"{variable('ONLINEERP_USER')}:{variable('ONLINEERP_PASSWORD')}".encode()
client = AuthenticatedClient(at("ONLINEERP"), base64.b64encode(pair).decode(), prefix="Basic")

made = given(Product, create_product.sync(client=client, body=ProductCreate(no_produit="PY-1", description="Écrou")))
given(Product, update_product_by_key.sync(client=client, body=ProductChangeByKey(no_produit="PY-1", prix_vente=1.25)))
read = given(Product, get_product.sync(made.no_unique_systeme_source, client=client))
assert (read.prix_vente, read.est_actif) == (1.25, True), read
listed = list_product.sync(client=client, filter_="NoProduit eq 'PY-1'")
assert isinstance(listed, list) and listed[0].description == "Écrou", listed
assert isinstance(get_product.sync("nobody", client=client), Error)
print("onlineerp: created, changed, read, listed")
