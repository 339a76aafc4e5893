//! Somebody on the network: the core's other listener, what a phone or a script sends there, and a live socket by hand.

use crate::visitor::{Door, read};
use crate::world::Options;
use serde_json::{Value, json};
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;
use tokio::time::Instant;

/// How long anything may take on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A core whose network's listener is open.
pub struct Lan {
    /// The window's side of it.
    pub door: Door,
    /// Of the network's listener.
    pub port: u16,
}

impl Lan {
    /// Starts a core and opens its network's listener.
    pub async fn open() -> Self {
        Self::of(Door::open_as(Options::default()).await)
    }

    /// Opens the network's listener of a core, as a person does in the settings.
    pub fn of(door: Door) -> Self {
        // A port that was free a moment ago may be another's now.
        for _ in 0..20 {
            let port = free_port();
            let (status, told) = door.patch(NETWORK, &json!({"enabled": true, "port": port}));
            if status == 200 {
                assert_eq!((&told["open"], &told["port"]), (&json!(true), &json!(port)), "{told}");
                return Self { door, port };
            }
            assert_eq!(told["code"], "port_in_use", "{told}");
        }
        panic!("no port is free");
    }

    /// Returns the whole address of a path at the network's listener.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Asks with a header for the secret, such as `Authorization: Bearer …`; none: as a stranger.
    pub fn ask(&self, method: &str, path: &str, secret: Option<&str>, body: Option<&Value>) -> (u16, Value) {
        let mut request = ureq::http::Request::builder().method(method).uri(self.url(path));
        if let Some(secret) = secret {
            request = request.header("Authorization", format!("Bearer {secret}"));
        }
        // A connection of its own each time: those of strangers are closed after some seconds.
        let config = ureq::Agent::config_builder().http_status_as_error(false).max_idle_connections(0);
        let agent = ureq::Agent::from(config.allow_non_standard_methods(true).build());
        let answer = match body {
            Some(body) => {
                let request = request.header("Content-Type", "application/json").body(body.to_string());
                agent.run(request.expect("a request"))
            }
            None => agent.run(request.body(()).expect("a request")),
        };
        read(answer.expect("answered"))
    }

    /// Shows a code for a role; returns the token that is in it, and the PIN.
    pub fn offer(&self, role: &str) -> (String, String) {
        let (status, offer) = self.door.post("/api/v1/vigil/network/pairing/", &json!({"role": role}));
        assert_eq!(status, 200, "{offer}");
        let pin = offer["pin"].as_str().unwrap_or_default().to_owned();
        // A machine without any network has no address to scan; the token is in the first one elsewhere.
        let token = offer["codes"][0]["url"].as_str().and_then(|url| url.split_once("#pair="));
        (token.map(|(_, token)| token.to_owned()).unwrap_or_default(), pin)
    }

    /// Asks to be paired.
    pub fn pair(&self, how: &str, code: &str) -> (u16, Value) {
        self.ask("POST", PAIR, None, Some(&json!({how: code, "name": "a phone"})))
    }

    /// Pairs a device by PIN; returns its token and number.
    pub fn device(&self, role: &str) -> (String, i64) {
        let (_, pin) = self.offer(role);
        let (status, paired) = self.pair("pin", &pin);
        assert_eq!((status, paired["role"].as_str()), (200, Some(role)), "{paired}");
        let (_, told) = self.door.get(NETWORK);
        let newest = told["grants"].as_array().and_then(|all| all.last()).expect("the device").clone();
        assert_eq!(newest["kind"], "device", "{newest}");
        (text(&paired["token"]), newest["id"].as_i64().expect("a number"))
    }

    /// Makes an API key; returns it and its number.
    pub fn key(&self, role: &str) -> (String, i64) {
        let (status, made) =
            self.door.post("/api/v1/vigil/network/keys/", &json!({"name": "a script", "role": role}));
        assert_eq!(status, 201, "{made}");
        (text(&made["secret"]), made["grant"]["id"].as_i64().expect("a number"))
    }

    /// Keeps one out from now on.
    pub fn revoke(&self, id: i64) {
        assert_eq!(self.door.delete(&format!("/api/v1/vigil/network/grants/{id}/")).0, 204);
    }

    /// Connects without any client.
    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], self.port))).expect("connected");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        stream
    }

    /// Sends raw bytes and returns what is answered until the connection is closed.
    pub fn raw(&self, request: &str) -> String {
        let mut stream = self.connect();
        // Who refuses early may have closed already.
        let _ = stream.write_all(request.as_bytes());
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// Asks for a socket, with further lines in the head; returns the status of the handshake with it.
    pub fn socket(&self, path: &str, lines: &[&str]) -> (u16, Live) {
        let mut live = Live(self.connect());
        let mut head = format!("GET {path} HTTP/1.1\r\n");
        if !lines.iter().any(|line| line.starts_with("Host:")) {
            head += &format!("Host: 127.0.0.1:{}\r\n", self.port);
        }
        head += "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                 Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
        lines.iter().for_each(|line| head += &format!("{line}\r\n"));
        live.0.write_all(format!("{head}\r\n").as_bytes()).expect("sent");
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            answer.push(live.byte().expect("a handshake"));
        }
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
        (status.expect("a status"), live)
    }

    /// Opens a live socket with a token and returns it with its first message.
    pub fn live(&self, token: &str) -> (Live, Value) {
        let (status, mut live) = self.socket("/api/v1/live", &[]);
        assert_eq!(status, 101, "a handshake");
        let hello = json!({"token": token}).to_string();
        live.say(&hello);
        let first = live.message().expect("a first message");
        (live, first)
    }
}

/// The address of the settings.
pub const NETWORK: &str = "/api/v1/vigil/network/";
/// Where strangers ask to be paired.
pub const PAIR: &str = "/api/v1/vigil/pair/";

/// A live socket.
pub struct Live(TcpStream);

impl Live {
    fn byte(&mut self) -> Option<u8> {
        let mut byte = [0];
        self.0.read_exact(&mut byte).ok().map(|()| byte[0])
    }

    /// Sends a text; whoever was refused may have lost the connection.
    pub fn say(&mut self, text: &str) {
        let mut head = vec![0x81];
        match text.len() {
            short @ 0..126 => head.push(0x80 | short as u8),
            long @ 126..65_536 => {
                head.push(0x80 | 126);
                head.extend((long as u16).to_be_bytes());
            }
            long => {
                head.push(0x80 | 127);
                head.extend((long as u64).to_be_bytes());
            }
        }
        // A mask of zeros is a mask.
        head.extend([0; 4]);
        let _ = self.0.write_all(&head).and_then(|()| self.0.write_all(text.as_bytes()));
    }

    /// Returns the next message that has a text; `None` once the socket is closed.
    pub fn message(&mut self) -> Option<Value> {
        loop {
            let (kind, short) = (self.byte()? & 0x0F, self.byte()?);
            let length = match short {
                126 => u64::from(u16::from_be_bytes([self.byte()?, self.byte()?])),
                127 => {
                    let mut long = [0; 8];
                    self.0.read_exact(&mut long).ok()?;
                    u64::from_be_bytes(long)
                }
                short => u64::from(short),
            };
            let mut text = vec![0; usize::try_from(length).expect("it fits")];
            self.0.read_exact(&mut text).ok()?;
            match kind {
                1 => return Some(serde_json::from_slice(&text).expect("JSON")),
                8 => return None,
                _ => (),
            }
        }
    }

    /// Waits until the socket is closed; returns after how long.
    pub fn until_closed(mut self) -> Duration {
        let begun = Instant::now();
        while self.message().is_some() {
            assert!(begun.elapsed() < PATIENCE, "it is still open");
        }
        let mut rest = [0; 1];
        let end = self.0.read(&mut rest);
        let still =
            end.as_ref().is_err_and(|e| matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut));
        assert!(!still, "nothing more comes, and it is still open");
        begun.elapsed()
    }
}

/// Returns a port that nobody has now.
pub fn free_port() -> u16 {
    let taken = std::net::TcpListener::bind("0.0.0.0:0").expect("a free port");
    taken.local_addr().expect("bound").port()
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}
