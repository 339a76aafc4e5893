//! A report for whoever helps: versions, settings, logs, the last dialogue with the printer, what `doctor` finds. Nothing
//! of it leaves this computer by itself; a person sees the list of its files, saves it, and passes it on.
//!
//! Everything that is written goes through `scrub`. Pictures are in it only where they are asked for.

mod doctor;
mod outbound_file;
mod scrub;

pub use doctor::{Checked, doctor};
pub(crate) use outbound_file::{keep_outbound, write_outbound};

use crate::live::TerminalLine;
use domain::TrafficDirection;
use scrub::Scrub;
use serde::Serialize;
use serde_json::Value;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use zip::ZipWriter;

/// Of a longer log the end is taken, bytes.
const LOG_BYTES: u64 = 1024 * 1024;
const LOGS: [&str; 3] = ["core.log", "core.log.1", "core-start.log"];
/// A file with nothing but secrets, beside those for passwords; all that is text in them is taken out of everything else.
const CORE: &str = "core.json";
/// What the names of the files for passwords end with, whoever keeps them.
const PASSWORDS: [&str; 2] = ["-password.json", "-passwords.json"];

/// What only a running core knows, or the database.
#[derive(Debug, Default)]
pub struct ReportParts {
    /// Version of the app.
    pub version: String,
    /// Settings and state, under the name of a file.
    pub records: Vec<(String, Value)>,
    /// The last lines between app and printer, by the printer's number.
    pub dialogues: Vec<(i64, Vec<TerminalLine>)>,
    /// JPEGs under the names of files, where a person wants them in it.
    pub pictures: Vec<(String, Vec<u8>)>,
}

/// A file of the report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ts_rs::TS, schemars::JsonSchema)]
pub struct ReportEntry {
    /// Its name.
    pub name: String,
    /// Its length, bytes, before it is packed.
    #[ts(type = "number")]
    pub num_bytes: u64,
}

/// The report, in memory: a few megabytes at most.
#[derive(Debug, Default)]
pub struct Report {
    files: Vec<(String, Vec<u8>)>,
}

impl Report {
    /// Puts it together from a data folder and what else is known.
    pub fn make(data_dir: &Path, parts: ReportParts) -> Self {
        let scrub = scrub_for(data_dir, &parts.records);
        let mut report = Self::default();
        report.add("about.txt", scrub.text(&about(&parts.version)));
        let lines: String = doctor(data_dir).iter().map(|checked| checked.line() + "\n").collect();
        report.add("doctor.txt", scrub.text(&lines));
        for (name, mut value) in parts.records {
            scrub.value(&mut value);
            report.add(&name, format!("{value:#}\n"));
        }
        for (printer, lines) in parts.dialogues {
            let text: String = lines.iter().map(written).collect();
            report.add(&format!("dialogue-{printer}.txt"), scrub.text(&text));
        }
        for name in LOGS {
            if let Ok(text) = end_of(&data_dir.join(name)) {
                report.add(name, scrub.text(&text));
            }
        }
        report.files.extend(parts.pictures);
        report
    }

    /// Returns what is in it.
    pub fn entries(&self) -> Vec<ReportEntry> {
        let entry = |(name, bytes): &(String, Vec<u8>)| ReportEntry {
            name: name.clone(),
            num_bytes: bytes.len() as u64,
        };
        self.files.iter().map(entry).collect()
    }

    /// Writes it as a ZIP.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, out: impl Write) -> io::Result<()> {
        let mut zip = ZipWriter::new_stream(out);
        for (name, bytes) in &self.files {
            zip.start_file(name.as_str(), crate::jobs::packing(name))?;
            zip.write_all(bytes)?;
        }
        zip.finish()?;
        Ok(())
    }

    fn add(&mut self, name: &str, text: String) {
        self.files.push((name.into(), text.into_bytes()));
    }
}

/// Versions of the app and of what it runs on.
fn about(version: &str) -> String {
    let first = |file: &str, start: &str| {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix(start)).unwrap_or("unknown");
        line.trim().trim_matches('"').to_owned()
    };
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH);
    let mut text = format!("Printvigil {version}\nsystem {os} {arch}, {cores} cores\n");
    if cfg!(target_os = "linux") {
        text += &format!("  {}\n", first("/etc/os-release", "PRETTY_NAME="));
        text += &format!("  kernel {}\n", first("/proc/sys/kernel/osrelease", ""));
        text += &format!("  memory {}\n", first("/proc/meminfo", "MemTotal:"));
    }
    text
}

/// Collects what must not be in it.
fn scrub_for(data_dir: &Path, records: &[(String, Value)]) -> Scrub {
    let mut secrets = Vec::new();
    let is_secret = |name: &str| name == CORE || PASSWORDS.iter().any(|ending| name.ends_with(ending));
    let files = std::fs::read_dir(data_dir).into_iter().flatten().flatten();
    for file in files.filter(|file| is_secret(&file.file_name().to_string_lossy())) {
        let read = std::fs::read(file.path()).unwrap_or_default();
        if let Ok(value) = serde_json::from_slice::<Value>(&read) {
            texts(&value, &mut secrets);
        }
    }
    for (_, value) in records {
        tokens(value, &mut secrets);
    }
    let var = |names: &[&str]| names.iter().find_map(|name| std::env::var(name).ok()).unwrap_or_default();
    let home = std::env::home_dir().unwrap_or_default();
    let host = hostname::get().unwrap_or_default();
    let user = var(&["USER", "LOGNAME", "USERNAME"]);
    Scrub::new(&secrets, &home.to_string_lossy(), &user, &host.to_string_lossy())
}

/// All texts of a record, and of an address with a password its parts, too.
fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => {
            let access = text.split_once("://").and_then(|(_, rest)| rest.split_once('@'));
            found.extend(access.iter().flat_map(|(access, _)| access.split(':')).map(str::to_owned));
            found.push(text.clone());
        }
        Value::Array(all) => all.iter().for_each(|one| texts(one, found)),
        Value::Object(fields) => fields.values().for_each(|one| texts(one, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => (),
    }
}

/// What records call a token.
fn tokens(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                if name.contains("token")
                    && let Value::String(text) = field
                {
                    found.push(text.clone());
                }
                tokens(field, found);
            }
        }
        Value::Array(all) => all.iter().for_each(|one| tokens(one, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => (),
    }
}

fn written(line: &TerminalLine) -> String {
    let arrow = match line.line.direction {
        TrafficDirection::Sent => "->",
        TrafficDirection::Received => "<-",
    };
    format!("{:.3} {arrow} {}\n", line.t, line.line.text)
}

/// Reads the end of a text, from a whole line on.
fn end_of(path: &Path) -> io::Result<String> {
    let mut file = std::fs::File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(LOG_BYTES)))?;
    let mut bytes = Vec::new();
    file.take(LOG_BYTES).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    if length <= LOG_BYTES {
        return Ok(text);
    }
    Ok(text.split_once('\n').map_or(String::new(), |(_, rest)| rest.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_secret_gets_through_whatever_it_lies_in() {
        let dir = tempfile::tempdir().unwrap();
        let put = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
        let (token, word, key) = ("820ed26889b0280dc31a350247a8525f", "Tr0ub4dor", "tk_short");
        let (login, host) = ("broker-w0rd", "mqtt.example.org");
        put("core.json", &format!("{{\"base_url\":\"http://127.0.0.1:7\",\"token\":\"{token}\",\"pid\":7}}"));
        put("camera-passwords.json", &format!("{{\"1\":\"http://eve:{word}@192.168.7.9/a.jpg\"}}"));
        put("service-passwords.json", &format!("{{\"3\":{{\"token\":\"{key}\"}}}}"));
        put("broker-password.json", &format!("\"{login}\""));
        let home = std::env::home_dir().unwrap();
        let home = home.to_str().unwrap();
        put(
            "core.log",
            &format!(
                "INFO a {token}\nWARN cannot reach 192.168.7.9:80 as eve with {word}\n{key} {home}/x\nconnected host=\"{host}\" {login}\n"
            ),
        );
        let records = vec![(
            "printers.json".to_owned(),
            serde_json::json!({"name": "Ender", "auth_token": "shorty", "notes": format!("{word} shorty")}),
        )];
        let sent = domain::Traffic { direction: TrafficDirection::Sent, text: format!("M118 {word}") };
        let dialogues = vec![(1, vec![TerminalLine { seq: 1, t: 1.0, line: sent }])];
        let parts = ReportParts { version: "1.2.3".into(), records, dialogues, pictures: Vec::new() };
        let report = Report::make(dir.path(), parts);
        let names: Vec<String> = report.entries().into_iter().map(|entry| entry.name).collect();
        assert_eq!(names, ["about.txt", "doctor.txt", "printers.json", "dialogue-1.txt", "core.log"]);

        let mut packed = Vec::new();
        report.write(&mut packed).unwrap();
        let mut zip = zip::ZipArchive::new(io::Cursor::new(packed)).unwrap();
        for at in 0..zip.len() {
            let mut text = String::new();
            zip.by_index(at).unwrap().read_to_string(&mut text).unwrap();
            for secret in [token, word, key, login, host, "shorty", "192.168.7.9", "127.0.0.1", home] {
                assert!(!text.contains(secret), "{secret} is in file {at}: {text}");
            }
            assert!(!text.is_empty());
        }
        assert!(report.files.iter().any(|(_, bytes)| bytes.starts_with(b"Printvigil 1.2.3")));
        assert!(report.files.iter().any(|(_, bytes)| String::from_utf8_lossy(bytes).contains("Ender")));
    }

    #[test]
    fn of_a_long_log_the_end_is_in_it() {
        let dir = tempfile::tempdir().unwrap();
        let line = format!("{}\n", "x".repeat(99));
        std::fs::write(dir.path().join("core.log"), line.repeat(20_000) + "last\n").unwrap();
        let text = end_of(&dir.path().join("core.log")).unwrap();
        assert!(text.ends_with("last\n") && text.len() as u64 <= LOG_BYTES);
        assert_eq!(text.lines().next().unwrap().len(), 99, "it begins with a whole line");
    }
}
