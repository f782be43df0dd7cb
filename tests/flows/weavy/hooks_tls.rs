//! Hooks to `https` receivers of this machine (fact sheet 19.4).

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use super::Weavy;
use crate::support::App;

/// A certificate for `localhost` that nobody signed, and its key: made for this test, worth nothing elsewhere.
const CERTIFICATE: &str = "MIIBnDCCAUGgAwIBAgIUSUwIcbPuYWSxYL5ctx1yzFpK5OwwCgYIKoZIzj0EAwIwFDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyODA3NT\
    kwNloYDzIxMjYxMTA0MDc1OTA2WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARGz1UBRBusXn5FKfGs\
    qfeAqVIEtkYG/s7v6prXC27CAyIl7PLUPXVjTiT+W5X/D5ERWZtRf5pEwt8syvI2G063o28wbTAdBgNVHQ4EFgQUZXaIyHXiIBgMOEX3YFnmxF\
    hs+9AwHwYDVR0jBBgwFoAUZXaIyHXiIBgMOEX3YFnmxFhs+9AwDwYDVR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEw\
    CgYIKoZIzj0EAwIDSQAwRgIhANC5S+M1Gv58kSvYU4KXsaZBizPXJzSy2xzZJGWcgKvhAiEAiDwgfPgH5ZIxt8hrAI6fd35lFTrzOGwUuQRXXP\
    13GLQ=";
const KEY: &str = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgRK73QUw65kGHrstcql6EbgdQPHj6IRiRWPUYQFzoOvChRANCAARGz1UBRBusXn\
    5FKfGsqfeAqVIEtkYG/s7v6prXC27CAyIl7PLUPXVjTiT+W5X/D5ERWZtRf5pEwt8syvI2G063";

/// A receiver of hooks over TLS: its port, and the bodies that come.
async fn receiver() -> (u16, UnboundedReceiver<Value>) {
    let certificate = CertificateDer::from(STANDARD.decode(CERTIFICATE).unwrap());
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(STANDARD.decode(KEY).unwrap()));
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, bodies) = unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let mut stream = acceptor.accept(stream).await.unwrap();
            let mut read = Vec::new();
            let body: Value = loop {
                assert_ne!(stream.read_buf(&mut read).await.unwrap(), 0, "the hook ends early");
                let text = String::from_utf8_lossy(&read).into_owned();
                if let Some((head, body)) = text.split_once("\r\n\r\n")
                    && let Ok(body) = serde_json::from_str(body)
                {
                    assert!(head.starts_with("POST /hook?key=1 HTTP/1.1\r\n"), "{head}");
                    break body;
                }
            };
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.unwrap();
            let _ = sender.send(body);
        }
    });
    (port, bodies)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hook_over_tls_reaches_this_machine() {
    let app = App::start().await;
    let weavy = Weavy::of(&app).await;
    let (port, mut bodies) = receiver().await;
    for host in ["127.0.0.1", "localhost"] {
        let hook = format!("https://{host}:{port}/hook?key=1");
        let subscribe = json!({ "event": "NewOpportunity", "hookUrl": hook });
        let path = "entrypoints/DEMO/process/?c=EPT_WebhookSubscribe";
        let code = weavy.post(path, subscribe).await.json()["result"]["codeWebhookSubscription"].clone();
        let deal = json!({ "deal_ID": format!("TLS-{host}"), "label": host });
        assert_eq!(weavy.post("Data/DEMO/deal", deal).await.status, 200);
        let told = bodies.recv().await.expect("the hook is called");
        assert_eq!(told["result"]["label"], host, "{told}");
        let leave = "entrypoints/DEMO/process/?c=EPT_WebhookUnsubscribe";
        assert_eq!(weavy.post(leave, json!({ "codeWebhookSubscription": code })).await.status, 200);
    }
}
