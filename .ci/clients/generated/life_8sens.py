from common import at, given, variable
from erp_8_sens_rest_client import Client
from erp_8_sens_rest_client.api.client import create_client, update_client_by_patch
from erp_8_sens_rest_client.api.devis import cancel_devis, create_devis, transform_devis
from erp_8_sens_rest_client.api.login import login
from erp_8_sens_rest_client.models import (
    ClientChange, ClientCreate, ClientRecord, Commande, Devis, DevisCreate, DevisLigneCreate, Error, LoginBody, LoginResponse200)

key = variable("8SENS_API_KEY")
form = LoginBody(login=variable("8SENS_USER"), password=variable("8SENS_PASSWORD"))
token = given(LoginResponse200, login.sync(client=Client(at("8SENS")), body=form, api_key=key)).access_token
client = Client(at("8SENS"), headers={"api_key": key, "Authorization": f"Bearer {token}"})

customer = given(ClientRecord, create_client.sync(client=client, body=ClientCreate(cli_raison_sociale="Serres du Lac")))
change = ClientChange(cli_tel="02 61 91 00 99")
assert given(ClientRecord, update_client_by_patch.sync(customer.cli_id, client=client, body=change)).cli_tel == change.cli_tel
quote_of = DevisCreate(cli_id=customer.cli_id, lignes=[DevisLigneCreate(art_id=1001, quantite=2)])
quote = given(Devis, create_devis.sync(client=client, body=quote_of))
order = given(Commande, transform_devis.sync(quote.dev_id, client=client))
assert order.dev_id == quote.dev_id and order.total_ht == quote.total_ht, order
refused = given(Error, cancel_devis.sync(quote.dev_id, client=client))
assert refused.status == 409, refused
print("8sens: signed in, client created and changed, quote to order")
