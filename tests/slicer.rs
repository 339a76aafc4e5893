//! A slicer on the network: requests byte by byte, as the programs were seen to send them.

use crate::network::Lan;
use serde_json::Value;
use std::io::{Read, Write};
use std::net::TcpStream;

/// A slicer with a key.
pub struct Slicer<'a> {
    /// Where it asks.
    pub lan: &'a Lan,
    /// Its key.
    pub key: String,
    /// What stands before each path: empty, or `/printers/2`.
    pub below: String,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// Of the last answer: not 100.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// As text.
    pub text: String,
    /// The server asked for the body first.
    pub continued: bool,
}

impl Answer {
    /// Returns a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// Returns the body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// One part of a form: its `Content-Disposition` behind `form-data; `, and its content.
pub type Part<'a> = (&'a str, &'a [u8]);

impl<'a> Slicer<'a> {
    /// Makes a key of a role for a slicer that asks for the only printer.
    pub fn new(lan: &'a Lan, role: &str) -> Self {
        Self { lan, key: lan.key(role).0, below: String::new() }
    }

    /// The same slicer, with the address of one printer.
    pub fn of_printer(&self, printer: i64) -> Slicer<'a> {
        Slicer { lan: self.lan, key: self.key.clone(), below: format!("/printers/{printer}") }
    }

    /// Asks with further lines of the head, and a body.
    pub fn ask(&self, method: &str, path: &str, lines: &[&str], body: &[u8]) -> Answer {
        let mut stream = self.begin(method, path, lines, body.len() as u64);
        // Who refuses early may have closed already.
        let _ = stream.write_all(body);
        read(stream)
    }

    /// Sends a head that says how long the body will be.
    pub fn begin(&self, method: &str, path: &str, lines: &[&str], length: u64) -> TcpStream {
        let mut stream = self.lan.connect();
        let mut head = format!("{method} {}{path} HTTP/1.1\r\n", self.below);
        if !lines.iter().any(|line| line.starts_with("Host:")) {
            head += &format!("Host: 127.0.0.1:{}\r\n", self.lan.port);
        }
        head += &format!("X-Api-Key: {}\r\nConnection: close\r\nContent-Length: {length}\r\n", self.key);
        lines.iter().for_each(|line| head += &format!("{line}\r\n"));
        stream.write_all(format!("{head}\r\n").as_bytes()).expect("sent");
        stream
    }

    /// Reads.
    pub fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[], b"")
    }

    /// Posts JSON.
    pub fn post(&self, path: &str, body: &str) -> Answer {
        self.ask("POST", path, &["Content-Type: application/json"], body.as_bytes())
    }

    /// Uploads as PrusaSlicer does.
    pub fn upload(&self, name: &str, content: &[u8], print: bool) -> Answer {
        let file = format!("name=\"file\"; filename=\"{name}\"");
        let print: &[u8] = if print { b"true" } else { b"false" };
        self.form(&[("name=\"print\"", print), ("name=\"path\"", b""), (&file, content)])
    }

    /// Posts a form to where files are uploaded.
    pub fn form(&self, parts: &[Part<'_>]) -> Answer {
        let boundary = "------------------------0123456789abcdef";
        let line = format!("Content-Type: multipart/form-data; boundary={boundary}");
        self.ask("POST", "/api/files/local", &[&line], &form(boundary, parts))
    }
}

/// Writes a form.
pub fn form(boundary: &str, parts: &[Part<'_>]) -> Vec<u8> {
    let mut body = Vec::new();
    for (disposition, content) in parts {
        let kind =
            if disposition.contains("filename") { "Content-Type: application/octet-stream\r\n" } else { "" };
        body.extend(
            format!("--{boundary}\r\nContent-Disposition: form-data; {disposition}\r\n{kind}\r\n").bytes(),
        );
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend(format!("--{boundary}--\r\n").bytes());
    body
}

/// Reads an answer until the connection is closed.
pub fn read(mut stream: TcpStream) -> Answer {
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (continued, rest) = match text.strip_prefix("HTTP/1.1 100 Continue\r\n\r\n") {
        Some(rest) => (true, rest),
        None => (false, text.as_str()),
    };
    let (head, body) = rest.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text:?}"));
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok()).expect("a status");
    let header = |line: &str| {
        let (name, value) = line.split_once(':').expect("a header");
        (name.to_ascii_lowercase(), value.trim().to_owned())
    };
    Answer { status, headers: lines.map(header).collect(), text: body.to_owned(), continued }
}
