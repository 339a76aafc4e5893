//! A core with its door open, and somebody who has the token.

use crate::world::{Options, World};
use serde_json::Value;
use std::net::SocketAddr;
use tokio::net::TcpListener;
use ureq::http::Response;
use ureq::{Agent, Body};

/// The token of this core.
pub const TOKEN: &str = "0123456789abcdef0123456789abcdef";

/// A core with its door open.
pub struct Door {
    /// What is behind it.
    pub world: World,
    /// Takes every status as an answer.
    pub agent: Agent,
    address: SocketAddr,
}

impl Door {
    /// Starts a core and opens its door on a free port.
    pub async fn open() -> Self {
        Self::open_as(Options::default()).await
    }

    /// Starts a core that differs from the usual one.
    pub async fn open_as(options: Options) -> Self {
        Self::of(World::start(options).await).await
    }

    /// Opens the door of a core that runs.
    pub async fn of(world: World) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("bound");
        let doors = api::Doors::default();
        let router = api::router(world.station.clone(), TOKEN.into(), address, doors.clone());
        tokio::spawn(api::serve(listener, router, doors));
        let agent = Agent::config_builder().http_status_as_error(false).build().into();
        Self { world, agent, address }
    }

    /// Returns the whole address of a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Asks with the token and returns the answer unread.
    pub fn raw(&self, path: &str) -> Response<Body> {
        let request = self.agent.get(self.url(path));
        request.header("Authorization", format!("Bearer {TOKEN}")).call().expect("answered")
    }

    /// Asks with the token.
    pub fn get(&self, path: &str) -> (u16, Value) {
        read(self.raw(path))
    }

    /// Posts JSON.
    pub fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let request = self.agent.post(self.url(path)).header("Authorization", format!("Bearer {TOKEN}"));
        read(request.header("Content-Type", "application/json").send(body.to_string()).expect("answered"))
    }

    /// Changes by JSON.
    pub fn patch(&self, path: &str, body: &Value) -> (u16, Value) {
        let request = self.agent.patch(self.url(path)).header("Authorization", format!("Bearer {TOKEN}"));
        read(request.header("Content-Type", "application/json").send(body.to_string()).expect("answered"))
    }

    /// Replaces by JSON.
    pub fn put(&self, path: &str, body: &Value) -> (u16, Value) {
        let request = self.agent.put(self.url(path)).header("Authorization", format!("Bearer {TOKEN}"));
        read(request.header("Content-Type", "application/json").send(body.to_string()).expect("answered"))
    }

    /// Deletes.
    pub fn delete(&self, path: &str) -> (u16, Value) {
        let request = self.agent.delete(self.url(path));
        read(request.header("Authorization", format!("Bearer {TOKEN}")).call().expect("answered"))
    }

    /// Uploads a file, after the given fields.
    pub fn upload(&self, name: &str, content: &[u8], fields: &[(&str, &str)]) -> (u16, Value) {
        self.upload_to("/api/v1/g_code_files/", &[(name, content)], fields)
    }

    /// Uploads files to an address, after the given fields.
    pub fn upload_to(&self, to: &str, files: &[(&str, &[u8])], fields: &[(&str, &str)]) -> (u16, Value) {
        let mut body = Vec::new();
        for (field, value) in fields {
            let part =
                format!("--edge\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n");
            body.extend_from_slice(part.as_bytes());
        }
        for (name, content) in files {
            let head = format!(
                "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n"
            );
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(content);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--edge--\r\n");
        let request = self.agent.post(self.url(to));
        let request = request.header("Authorization", format!("Bearer {TOKEN}"));
        let request = request.header("Content-Type", "multipart/form-data; boundary=edge");
        read(request.send(&body[..]).expect("answered"))
    }
}

/// Returns the status and the body: as JSON, or as the text that it is.
pub fn read(mut response: Response<Body>) -> (u16, Value) {
    let status = response.status().as_u16();
    let text = response.body_mut().read_to_string().unwrap_or_default();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}
