import base64

from comarch_erp_xt_public_api_client import AuthenticatedClient, Client
from comarch_erp_xt_public_api_client.api.products_unversioned import (
    create_product, delete_product, get_product, list_products, update_product)
from comarch_erp_xt_public_api_client.api.token import create_token
from comarch_erp_xt_public_api_client.models import (
    CreateTokenBody, CreateTokenResponse200, Error, Product, ProductChange, ProductCreate)
from common import at, given, variable

pair = f"{variable('COMARCH_XT_CLIENT_ID')}:{variable('COMARCH_XT_CLIENT_SECRET')}".encode()
basic = AuthenticatedClient(at("COMARCH_XT"), base64.b64encode(pair).decode(), prefix="Basic")
token = given(CreateTokenResponse200, create_token.sync(client=basic, body=CreateTokenBody(grant_type="client_credentials")))
client = AuthenticatedClient(at("COMARCH_XT"), token.access_token)

key = given(int, create_product.sync(client=client, body=ProductCreate(name="Maus", unit_of_measurment="Stk.", sale_net_price=20.0, rate=9)))
update_product.sync(client=client, body=ProductChange(id=key, unit_of_measurment="Stk.", name="Maus M2", sale_net_price=21.5, rate=9))
read = given(Product, get_product.sync(key, client=client))
assert (read.name, read.sale_net_price) == ("Maus M2", 21.5), read
listed = list_products.sync(client=client, filter_=f"Id eq {key}")
assert isinstance(listed, list) and [one.name for one in listed] == ["Maus M2"], listed
assert delete_product.sync_detailed(key, client=client).status_code == 204
assert isinstance(get_product.sync(key, client=client), Error)
print("comarch-xt: token, created, changed, read, listed, deleted")
