//! The core that works on a data folder, asked from the command line.

use anyhow::{Context, bail};
use serde_json::Value;
use std::fs::File;
use std::io::{Cursor, Read};
use std::path::Path;
use std::time::Duration;
use ureq::http::Response;
use ureq::{Agent, Body, SendBody};

/// A core that does not answer for so long does not. Uploads take longer.
const PATIENCE: Duration = Duration::from_secs(30);

/// The core that works on a folder, as it says itself.
pub(crate) struct Core {
    agent: Agent,
    base_url: String,
    bearer: String,
}

impl Core {
    /// Finds it.
    ///
    /// # Errors
    /// When it does not say where it is.
    pub(crate) fn of(data_dir: &Path) -> anyhow::Result<Self> {
        let told = std::fs::read(data_dir.join("core.json"))
            .context("another program works on this folder, and does not say where it can be asked")?;
        let told: Value = serde_json::from_slice(&told)?;
        let text = |key: &str| told[key].as_str().context("core.json is not whole");
        let config =
            Agent::config_builder().timeout_recv_response(Some(PATIENCE)).http_status_as_error(false);
        // It is on this computer: no proxy has any business in between.
        let agent = config.proxy(None).build().into();
        Ok(Self { agent, base_url: text("base_url")?.into(), bearer: format!("Bearer {}", text("token")?) })
    }

    /// Asks.
    ///
    /// # Errors
    /// When it does not answer, or refuses: with its words.
    pub(crate) fn get(&self, path: &str) -> anyhow::Result<Value> {
        let request = self.agent.get(format!("{}{path}", self.base_url));
        answered(request.header("Authorization", &self.bearer).call())
    }

    /// Asks for a file.
    ///
    /// # Errors
    /// When it does not answer, or refuses: with its words.
    pub(crate) fn download(&self, path: &str) -> anyhow::Result<impl Read + use<>> {
        let request = self.agent.get(format!("{}{path}", self.base_url));
        let answer = request.header("Authorization", &self.bearer).call();
        if answer.as_ref().is_ok_and(|answer| answer.status().is_success()) {
            return Ok(answer?.into_body().into_reader());
        }
        answered(answer)?;
        bail!("the app sent no file")
    }

    /// Has something done that needs no words.
    ///
    /// # Errors
    /// When it does not answer, or refuses: with its words.
    pub(crate) fn post(&self, path: &str) -> anyhow::Result<Value> {
        let request = self.agent.post(format!("{}{path}", self.base_url));
        answered(request.header("Authorization", &self.bearer).send_empty())
    }

    /// Sends a film that is to become a past print; returns its number.
    ///
    /// # Errors
    /// When it cannot be read, or is refused: with its words.
    pub(crate) fn upload_film(&self, film: &Path, name: &str, secs: Option<f64>) -> anyhow::Result<i64> {
        const EDGE: &str = "printvigil-film-edge";
        let field = |name: &str| format!("--{EDGE}\r\nContent-Disposition: form-data; name=\"{name}\"");
        let secs =
            secs.map_or_else(String::new, |secs| format!("{}\r\n\r\n{secs}\r\n", field("secs_per_picture")));
        let name: String = name.chars().map(|c| if c.is_control() || c == '"' { '_' } else { c }).collect();
        let head = format!("{secs}{}; filename=\"{name}\"\r\n\r\n", field("file"));
        let content = File::open(film).with_context(|| format!("{} cannot be read", film.display()))?;
        let mut body = Cursor::new(head).chain(content).chain(Cursor::new(format!("\r\n--{EDGE}--\r\n")));
        let request = self.agent.post(format!("{}/api/v1/vigil/prints/import/", self.base_url));
        let request = request.header("Authorization", &self.bearer);
        let request = request.header("Content-Type", format!("multipart/form-data; boundary={EDGE}"));
        let told = answered(request.send(SendBody::from_reader(&mut body)))?;
        told["print"].as_i64().context("the app did not say which print it is")
    }
}

fn answered(answer: Result<Response<Body>, ureq::Error>) -> anyhow::Result<Value> {
    let mut answer = answer.context("the app that works on this folder does not answer")?;
    let text = answer.body_mut().read_to_string()?;
    let value: Value = serde_json::from_str(&text).unwrap_or_default();
    if !answer.status().is_success() {
        let word = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
        bail!("{}. {}", word("message"), word("hint"));
    }
    Ok(value)
}
