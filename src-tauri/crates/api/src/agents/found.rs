//! The one request that we make because somebody on the network asked: a person chose an agent in the window, and it is
//! asked for the secret that it tells its own network alone.
//!
//! **Invariant:** only the address that the question came from is asked, at a fixed path, once, without following anybody
//! elsewhere, and no more than [`MOST`] bytes of the answer are read.

use crate::ApiError;
use axum::http::StatusCode;
use outbound::OutboundPurpose;
use serde_json::Value;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

/// Most of an answer that is read, bytes.
const MOST: u64 = 4096;
/// How long all of it may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// Longest secret that is taken, bytes.
const LONGEST_SECRET: usize = 256;

/// Asks an agent for its secret.
///
/// # Errors
/// When it does not answer, or with something else.
pub(super) async fn secret_of(from: IpAddr, port: u16, device: &str) -> Result<String, ApiError> {
    let asked = timeout(PATIENCE, ask(SocketAddr::new(from.to_canonical(), port), device)).await;
    asked.ok().flatten().ok_or_else(|| {
        ApiError::new(
            StatusCode::BAD_GATEWAY,
            "agent_silent",
            "the agent did not answer",
            "Enter the six digits in the agent's own settings instead.",
        )
    })
}

async fn ask(to: SocketAddr, device: &str) -> Option<String> {
    let (mut stream, line) =
        outbound::connect(OutboundPurpose::AgentLink, &to.to_string(), &[to], PATIENCE).await.ok()?;
    let request = format!(
        "GET /plugin/obico/grab-discovery-secret?device_id={device} HTTP/1.0\r\nHost: {to}\r\n\
         Accept: application/json\r\nConnection: close\r\n\r\n"
    );
    line.sent(request.len());
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut answer = Vec::new();
    let read_to_end = stream.take(MOST).read_to_end(&mut answer).await;
    line.received(answer.len());
    read_to_end.ok()?;
    read(&String::from_utf8_lossy(&answer))
}

/// Reads the secret out of an answer: only out of one that is the thing itself.
fn read(answer: &str) -> Option<String> {
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?;
    let told: Value = serde_json::from_str(body).ok()?;
    let secret = told["device_secret"].as_str()?;
    let plain = secret.len() <= LONGEST_SECRET && secret.chars().all(|c| c.is_ascii_graphic());
    (status == "200" && plain && !secret.is_empty()).then(|| secret.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_secret_itself_is_taken() {
        let good = "HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{\"device_secret\":\"a1b2\"}";
        assert_eq!(read(good).as_deref(), Some("a1b2"));
        for bad in [
            "",
            "HTTP/1.0 302 Found\r\nLocation: http://10.0.0.1/\r\n\r\n{\"device_secret\":\"a\"}",
            "HTTP/1.0 200 OK\r\n\r\n<html>",
            "HTTP/1.0 200 OK\r\n\r\n{\"device_secret\":7}",
            "HTTP/1.0 200 OK\r\n\r\n{\"device_secret\":\"a\\nb\"}",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
