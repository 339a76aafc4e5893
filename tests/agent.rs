//! An Obico agent on the network, as those of OctoPrint and Klipper were seen to speak: forms, a token, a socket.

#![allow(clippy::disallowed_methods)] // An agent's clock is the wall's.

use crate::network::Lan;
use crate::slicer::{Answer, form, read};
use serde_json::{Value, json};
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How long one read of the socket waits.
const SLICE: Duration = Duration::from_millis(100);

/// An agent that was linked.
pub struct FakeAgent<'a> {
    lan: &'a Lan,
    /// Its printer's token.
    pub token: String,
    /// Its printer.
    pub printer: i64,
    socket: Option<TcpStream>,
    read: Vec<u8>,
}

/// The socket was closed.
#[derive(Debug)]
pub struct Closed;

/// Sends a request with a body, as `python-requests` does, and a header for who asks.
pub fn ask(lan: &Lan, method: &str, path: &str, lines: &[&str], body: &[u8]) -> Answer {
    let mut stream = lan.connect();
    let mut head = format!("{method} {path} HTTP/1.1\r\n");
    if !lines.iter().any(|line| line.starts_with("Host:")) {
        head += &format!("Host: 127.0.0.1:{}\r\n", lan.port);
    }
    head += &format!(
        "Connection: close\r\nUser-Agent: python-requests/2.32\r\nContent-Length: {}\r\n",
        body.len()
    );
    lines.iter().for_each(|line| head += &format!("{line}\r\n"));
    stream.write_all(format!("{head}\r\n").as_bytes()).expect("sent");
    let _ = stream.write_all(body);
    read(stream)
}

/// Asks for a code in the window.
pub fn code(lan: &Lan, printer: Option<i64>) -> String {
    let (status, told) = lan.door.post("/api/v1/vigil/agents/code/", &json!({"printer": printer}));
    assert_eq!(status, 201, "{told}");
    told["code"]["code"].as_str().expect("six digits").to_owned()
}

impl<'a> FakeAgent<'a> {
    /// Links an agent by a code.
    pub fn link(lan: &'a Lan, code: &str) -> Self {
        let told = ask(lan, "POST", &format!("/api/v1/octo/verify/?code={code}"), &[], b"");
        assert_eq!(told.status, 200, "{told:?}");
        let printer = &told.json()["printer"];
        let token = printer["auth_token"].as_str().expect("a token").to_owned();
        let printer = printer["id"].as_i64().expect("a number");
        Self { lan, token, printer, socket: None, read: Vec::new() }
    }

    /// The same token on another machine.
    pub fn copied(&self) -> Self {
        Self {
            lan: self.lan,
            token: self.token.clone(),
            printer: self.printer,
            socket: None,
            read: Vec::new(),
        }
    }

    /// Asks with the token.
    pub fn ask(&self, method: &str, path: &str, lines: &[&str], body: &[u8]) -> Answer {
        let token = format!("Authorization: Token {}", self.token);
        ask(self.lan, method, path, &[&[token.as_str()], lines].concat(), body)
    }

    /// Opens the socket; returns the status of the handshake.
    pub fn connect(&mut self) -> u16 {
        let mut stream = self.lan.connect();
        let host = format!("127.0.0.1:{}", self.lan.port);
        let head = format!(
            "GET /ws/dev/ HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Origin: http://{host}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             authorization: bearer {}\r\n\r\n",
            self.token
        );
        stream.write_all(head.as_bytes()).expect("sent");
        let mut answer = Vec::new();
        let mut byte = [0];
        while !answer.ends_with(b"\r\n\r\n") && stream.read_exact(&mut byte).is_ok() {
            answer.push(byte[0]);
        }
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        if status == 101 {
            stream.set_read_timeout(Some(SLICE)).expect("a timeout");
            (self.socket, self.read) = (Some(stream), Vec::new());
        }
        status
    }

    /// Closes the connection without a word.
    pub fn hang_up(&mut self) {
        self.socket = None;
    }

    /// Sends a text.
    pub fn say_text(&mut self, text: &str) {
        self.frame(1, text.as_bytes());
    }

    /// Sends a message.
    pub fn say(&mut self, message: &Value) {
        self.say_text(&message.to_string());
    }

    /// Sends a frame of any kind; whoever was refused may have lost the connection.
    pub fn frame(&mut self, kind: u8, content: &[u8]) {
        let mut head = vec![0x80 | kind];
        match content.len() {
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
        if let Some(socket) = &mut self.socket {
            let _ = socket.write_all(&head).and_then(|()| socket.write_all(content));
        }
    }

    /// A status of the print that began in this second (0: none).
    pub fn status(&mut self, print: i64, name: &str, text: &str, flags: &[&str], event: Option<&str>) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs_f64();
        let flags: Value = flags.iter().map(|flag| ((*flag).to_owned(), json!(true))).collect();
        let name = if name.is_empty() { Value::Null } else { json!(name) };
        let mut message = json!({
            "current_print_ts": if print == 0 { -1 } else { print },
            "status": {
                "_ts": now,
                "state": {"text": text, "flags": flags},
                "job": {"file": {"name": name, "size": 1000}, "estimatedPrintTime": 600},
                "progress": {"completion": 40.0, "filepos": 400, "printTime": 60, "printTimeLeft": 100},
                "currentZ": 1.2,
                "temperatures": {
                    "tool0": {"actual": 205.1, "target": 205.0, "offset": 0},
                    "bed": {"actual": 60.0, "target": 60.0, "offset": 0},
                },
            },
        });
        if let Some(event) = event {
            message["event"] = json!({"event_type": event, "data": {}});
        }
        self.say(&message);
    }

    /// Prints.
    pub fn prints(&mut self, print: i64, name: &str) {
        self.status(print, name, "Printing", &["operational", "printing"], None);
    }

    /// Says who it is.
    pub fn settings(&mut self) {
        self.say(&json!({"settings": {"agent": {"name": "octoprint_obico", "version": "2.6.1"}}}));
    }

    /// Sends a picture; returns the status of the answer.
    pub fn picture(&self, jpeg: &[u8]) -> u16 {
        let boundary = "4dfbf8eb1d2b4a5e9a1d";
        let mut body = Vec::new();
        body.extend(
            format!("--{boundary}\r\nContent-Disposition: form-data; name=\"pic\"; filename=\"pic\"\r\n\r\n")
                .bytes(),
        );
        body.extend_from_slice(jpeg);
        body.extend(format!("\r\n--{boundary}--\r\n").bytes());
        let kind = format!("Content-Type: multipart/form-data; boundary={boundary}");
        self.ask("POST", "/api/v1/octo/pic/", &[&kind], &body).status
    }

    /// Posts a form; returns the answer.
    pub fn form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let names: Vec<String> = fields.iter().map(|(name, _)| format!("name=\"{name}\"")).collect();
        let parts: Vec<(&str, &[u8])> =
            names.iter().zip(fields).map(|(name, (_, value))| (name.as_str(), value.as_bytes())).collect();
        let kind = "Content-Type: multipart/form-data; boundary=0123456789";
        self.ask("POST", path, &[kind], &form("0123456789", &parts))
    }

    /// Reads for a moment, and answers pings. Returns a message if one came; `Err` once the socket is closed.
    pub fn poll(&mut self) -> Result<Option<Value>, Closed> {
        let mut bytes = [0; 4096];
        let read = match self.socket.as_mut().ok_or(Closed)?.read(&mut bytes) {
            Ok(0) => return Err(Closed),
            Ok(read) => read,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => 0,
            Err(_) => return Err(Closed),
        };
        self.read.extend_from_slice(&bytes[..read]);
        self.take()
    }

    fn take(&mut self) -> Result<Option<Value>, Closed> {
        let Some((kind, content, rest)) = split(&self.read) else { return Ok(None) };
        self.read = rest;
        match kind {
            1 => Ok(Some(serde_json::from_slice(&content).expect("JSON"))),
            8 => {
                let code = content.get(..2).map(|code| u16::from_be_bytes([code[0], code[1]]));
                assert_ne!(code, Some(4321), "an agent would be mute for ever");
                Err(Closed)
            }
            9 => {
                self.frame(10, &content);
                self.take()
            }
            _ => self.take(),
        }
    }
}

/// Cuts the first frame off: its kind, its content, and what follows.
fn split(read: &[u8]) -> Option<(u8, Vec<u8>, Vec<u8>)> {
    let (kind, short) = (read.first()? & 0x0F, *read.get(1)?);
    let (head, length) = match short {
        126 => (4, usize::from(u16::from_be_bytes([*read.get(2)?, *read.get(3)?]))),
        127 => return None,
        short => (2, usize::from(short)),
    };
    let content = read.get(head..head + length)?.to_vec();
    Some((kind, content, read[head + length..].to_vec()))
}
