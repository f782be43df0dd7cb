from common import at, given, variable
from divalto_weavy_data_api_client import AuthenticatedClient, Client
from divalto_weavy_data_api_client.api.authentication import authenticate
from divalto_weavy_data_api_client.api.customer import (
    create_customer, delete_customer, get_customer, list_customer, update_customer)
from divalto_weavy_data_api_client.models import AuthenticateBody, AuthenticateResponse200, Customer, CustomerInput, Error

login = AuthenticateBody(project_code="DEMO", user_name=variable("WEAVY_USER"), password=variable("WEAVY_PASSWORD"))
token = given(AuthenticateResponse200, authenticate.sync(client=Client(at("WEAVY")), body=login))
client = AuthenticatedClient(at("WEAVY"), token.auth_token)

made = given(Customer, create_customer.sync("DEMO", client=client, body=CustomerInput(name="Fonderie", city="Lyon")))
update_customer.sync("DEMO", made.customer_id, client=client, body=CustomerInput(comment="Rappeler lundi"))
read = given(Customer, get_customer.sync("DEMO", made.customer_id, client=client))
assert (read.name, read.comment, read.srv_attrib) == ("Fonderie", "Rappeler lundi", 0), read
listed = list_customer.sync("DEMO", client=client, limit=1000)
assert isinstance(listed, list) and made.customer_id in [one.customer_id for one in listed]
assert delete_customer.sync_detailed("DEMO", made.customer_id, client=client, delete_mode="Physical").status_code == 200
assert isinstance(get_customer.sync("DEMO", made.customer_id, client=client), Error)
print("weavy: token, created, changed, read, listed, deleted")
