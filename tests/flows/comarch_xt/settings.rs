//! Zone and currency, and what the Polish edition has in their place.

use serde_json::json;

use super::Client;
use crate::support::App;

#[tokio::test(flavor = "multi_thread")]
async fn zone_and_currency_are_settings_of_each_edition() {
    for settings in [
        "{ time_zone: America/New_York, currency: USD }",
        "{ edition: pl, edition_pl: { time_zone: America/New_York, currency: USD } }",
    ] {
        let app = App::scenario(&format!("servers: {{ comarch-xt: {{ settings: {settings} }} }}")).await;
        let client = Client::of(&app).await;
        let id = client.invoice().await;
        let invoice = client.read(&format!("invoices/{id}")).await;
        assert_eq!(invoice["SalesDate"], json!("2024-03-01T00:00:00-05:00"), "{settings}");
        let record =
            app.records("comarch-xt", "invoices").await.into_iter().find(|invoice| invoice["Id"] == id);
        assert_eq!(record.expect("the invoice")["CurrencyCode"], "USD", "{settings}");
    }
}
