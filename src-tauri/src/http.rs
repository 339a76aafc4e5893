//! A small client for the core on this computer.

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Duration;
use ureq::Agent;

/// The core's end of a pause with cold heaters may take its ten seconds.
const PATIENCE: Duration = Duration::from_secs(20);

/// Where a core listens, and its token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Address {
    pub(crate) base_url: String,
    pub(crate) token: String,
}

impl Address {
    /// Reads the answer at `path` below the API.
    ///
    /// # Errors
    /// When the core does not answer, or refuses.
    pub(crate) fn get(&self, path: &str) -> anyhow::Result<serde_json::Value> {
        let mut answer = agent(Some(PATIENCE))
            .get(format!("{}/api/v1/{path}", self.base_url))
            .header("Authorization", format!("Bearer {}", self.token))
            .call()?;
        Ok(serde_json::from_str(&answer.body_mut().read_to_string()?)?)
    }

    /// Sends `body` to `path` below the API.
    ///
    /// # Errors
    /// When the core does not answer, or refuses; with its own words then.
    pub(crate) fn post(&self, path: &str, body: &serde_json::Value) -> anyhow::Result<serde_json::Value> {
        let mut answer = agent(Some(PATIENCE))
            .post(format!("{}/api/v1/{path}", self.base_url))
            .header("Authorization", format!("Bearer {}", self.token))
            .content_type("application/json")
            .send(body.to_string())?;
        let status = answer.status();
        let value: serde_json::Value = serde_json::from_str(&answer.body_mut().read_to_string()?)?;
        if !status.is_success() {
            bail!(
                "{}. {}",
                value["message"].as_str().unwrap_or("the core refused"),
                value["hint"].as_str().unwrap_or("")
            );
        }
        Ok(value)
    }

    /// Returns whether a core answers here and knows the token.
    pub(crate) fn answers(&self) -> bool {
        self.get("vigil/system/").is_ok_and(|system| system.get("version").is_some())
    }

    /// Saves what lies at `url`, a path or an address of this core, as `file`; it appears whole or not at all.
    ///
    /// # Errors
    /// When the address is not the core's, the core refuses, or the disk does.
    pub(crate) fn save(&self, url: &str, file: &Path) -> anyhow::Result<()> {
        let path = url.strip_prefix(&self.base_url).unwrap_or(url);
        if !savable(path) {
            bail!("{url} is nothing of ours to save");
        }
        let answer = agent(None)
            .get(format!("{}{path}", self.base_url))
            .header("Authorization", format!("Bearer {}", self.token))
            .call()?;
        if !answer.status().is_success() {
            bail!("it is not there (any more)");
        }
        let part = file.with_extension("part");
        let written = write(&mut answer.into_body().into_reader(), &part)
            .and_then(|()| std::fs::rename(&part, file))
            .with_context(|| format!("{} cannot be written", file.display()));
        if written.is_err() {
            // A half film is of no use.
            std::fs::remove_file(&part).ok();
        }
        written
    }
}

/// Films, and what is exported to be taken along.
fn savable(path: &str) -> bool {
    let plain = path.split('?').next().unwrap_or_default();
    let exported = [
        "/export.zip",
        "/export.html",
        "/history.csv",
        "/history.json",
        "/backup.zip",
        "/report.zip",
        "/spools/spoolman/",
    ];
    plain.starts_with("/media/")
        || (plain.starts_with("/api/v1/vigil/") && exported.iter().any(|end| plain.ends_with(end)))
}

fn write(from: &mut impl std::io::Read, to: &Path) -> std::io::Result<()> {
    let mut file = BufWriter::new(std::fs::File::create(to)?);
    std::io::copy(from, &mut file)?;
    file.flush()
}

/// A client that asks the core directly, whatever proxy is set for the web. A film may take its time.
fn agent(patience: Option<Duration>) -> Agent {
    let config = Agent::config_builder()
        .timeout_global(patience)
        .timeout_connect(Some(Duration::from_secs(2)))
        .http_status_as_error(false)
        .proxy(None);
    config.build().into()
}

#[cfg(test)]
mod tests {
    use super::{Address, savable};
    use std::io::{BufRead, BufReader, Write};
    use std::net::TcpListener;

    /// A core that answers one request and returns its first line.
    fn core(answer: &'static str) -> (Address, std::thread::JoinHandle<String>) {
        let door = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let base_url = format!("http://{}", door.local_addr().expect("its address"));
        let serve = move || {
            let (mut stream, _) = door.accept().expect("a visitor");
            let mut lines = BufReader::new(stream.try_clone().expect("a second handle")).lines();
            let first = lines.next().expect("a line").expect("text");
            assert!(
                lines
                    .map_while(Result::ok)
                    .take_while(|line| !line.is_empty())
                    .any(|line| line == "authorization: Bearer abc")
            );
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{answer}",
                answer.len()
            );
            stream.write_all(head.as_bytes()).expect("the visitor listens");
            first
        };
        let thread = std::thread::Builder::new().spawn(serve).expect("a thread");
        (Address { base_url, token: "abc".into() }, thread)
    }

    #[test]
    fn a_core_is_known_by_its_version() {
        let (address, thread) = core(r#"{"version":"0.1.0"}"#);
        assert!(address.answers());
        assert_eq!(thread.join().expect("served"), "GET /api/v1/vigil/system/ HTTP/1.1");
        assert!(!address.answers(), "nobody is there any more");
    }

    #[test]
    fn a_film_is_saved_whole_and_only_from_the_core() {
        let dir = std::env::temp_dir().join(format!("printvigil-save-{}", std::process::id()));
        std::fs::create_dir_all(&dir).expect("a folder");
        let file = dir.join("film.mp4");
        let (address, thread) = core("pictures");
        address.save("/media/prints/1/film.mp4?ticket=t", &file).expect("saved");
        assert_eq!(thread.join().expect("served"), "GET /media/prints/1/film.mp4?ticket=t HTTP/1.1");
        assert_eq!(std::fs::read_to_string(&file).expect("there"), "pictures");
        assert!(address.save("http://elsewhere/media/film.mp4", &file).is_err());
        assert!(
            savable("/api/v1/vigil/backup.zip?pictures=true")
                && savable("/api/v1/vigil/prints/3/export.html")
        );
        assert!(!savable("/api/v1/printers/?x=/backup.zip") && !savable("/api/v1/users/me/"));
        std::fs::remove_dir_all(&dir).expect("ours to remove");
    }
}
