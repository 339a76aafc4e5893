//! The network's listener encrypted: at the same port as plain HTTP, only when a person wants it, and by one certificate.

#![allow(clippy::disallowed_methods)] // How soon somebody is cut off is about real time.

use serde_json::json;
use std::io::{Read, Write};
use std::time::Duration;
use tests::network::{Lan, NETWORK};
use ureq::tls::TlsConfig;

/// As slicers ask: the answer has addresses in it.
const FILES: &str = "/api/files";

/// Asks encrypted, whoever vouches for the certificate.
fn ask(lan: &Lan, path: &str, key: &str) -> Result<serde_json::Value, ureq::Error> {
    let trusting = TlsConfig::builder().disable_verification(true).build();
    let config = ureq::Agent::config_builder().tls_config(trusting).max_idle_connections(0);
    let agent = ureq::Agent::from(config.timeout_global(Some(Duration::from_secs(60))).build());
    let url = format!("https://127.0.0.1:{}{path}", lan.port);
    let text = agent.get(url).header("X-Api-Key", key).call()?.body_mut().read_to_string()?;
    Ok(serde_json::from_str(&text).expect("JSON"))
}

#[tokio::test(flavor = "multi_thread")]
async fn both_are_spoken_at_one_port_and_addresses_in_answers_are_of_the_kind_that_was_asked() {
    let lan = Lan::open().await;
    let (key, _) = lan.key("owner");
    assert!(ask(&lan, FILES, &key).is_err(), "off until it is switched on");
    let (status, told) = lan.door.patch(NETWORK, &json!({"https": true}));
    assert_eq!((status, &told["https"]), (200, &json!(true)), "{told}");
    let fingerprint = told["fingerprint"].as_str().expect("a certificate").to_owned();
    let kinds: Vec<bool> = told["addresses"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|url| url.as_str().is_some_and(|url| url.starts_with("https://")))
        .collect();
    assert!(kinds.is_sorted_by(|one, other| one >= other), "those that are encrypted come first: {told}");

    let secure = ask(&lan, FILES, &key).expect("answered");
    let plain = lan.ask("GET", FILES, Some(&key), None).1;
    let address = |told: &serde_json::Value| told["files"][0]["refs"]["resource"].to_string();
    assert!(address(&secure).starts_with("\"https://127.0.0.1:"), "{secure}");
    assert!(address(&plain).starts_with("\"http://127.0.0.1:"), "{plain}");

    // It is the same one as long as nobody takes it away.
    lan.door.patch(NETWORK, &json!({"https": false}));
    assert!(ask(&lan, FILES, &key).is_err());
    assert_eq!(lan.door.patch(NETWORK, &json!({"https": true})).1["fingerprint"], json!(fingerprint));
    lan.door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_begins_and_does_not_go_on_holds_nobody_up_and_is_cut_off() {
    let lan = Lan::open().await;
    let (key, _) = lan.key("view");
    assert_eq!(lan.door.patch(NETWORK, &json!({"https": true})).0, 200);
    // Nothing at all; the first byte of a handshake; one that is none.
    let silent = lan.connect();
    let mut half = lan.connect();
    half.write_all(&[22, 3, 1]).expect("sent");
    let mut garbage = lan.connect();
    garbage.write_all(&[22; 600]).expect("sent");
    assert!(ask(&lan, "/api/v1/printers/", &key).expect("answered").is_array());
    assert_eq!(lan.ask("GET", "/api/v1/printers/", Some(&key), None).0, 200);
    for mut stream in [silent, half, garbage] {
        let mut rest = Vec::new();
        // Closed or reset: both are an end.
        let _ = stream.read_to_end(&mut rest);
        assert!(!rest.starts_with(b"HTTP"), "{}", String::from_utf8_lossy(&rest));
    }
    lan.door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_cannot_be_used_is_said_and_changes_nothing() {
    let lan = Lan::open().await;
    let (key, _) = lan.key("view");
    let folder = lan.door.world.station.data_dir().to_path_buf();
    std::fs::write(folder.join("https-certificate.pem"), "none").expect("written");
    let (status, refused) = lan.door.patch(NETWORK, &json!({"https": true}));
    assert_eq!((status, refused["code"].as_str()), (409, Some("certificate")), "{refused}");
    assert!(refused["hint"].as_str().is_some_and(|hint| hint.contains("https-key.pem")), "{refused}");
    assert_eq!(lan.door.get(NETWORK).1["https"], false);
    assert_eq!(lan.ask("GET", "/api/v1/printers/", Some(&key), None).0, 200);
    lan.door.world.end().await;
}
