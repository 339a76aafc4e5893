//! Reads what the printer says of its own card. Every word of it is hostile.

use crate::shown::plain;
use domain::{LONGEST_SD_PATH, SdFile};

/// Longest name that is kept, characters.
pub(crate) const LONGEST_NAME: usize = 200;
/// Longer lines are no entries of a list, bytes.
const LONGEST_LINE: usize = 400;
/// Something that the printer says of its card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SdReply {
    ListBegins,
    ListEnds,
    Ready,
    Gone,
    /// `SD printing byte 12/345`.
    Byte(u64, u64),
    NotPrinting,
    /// A file was opened: its name and size.
    Opened(String, Option<u64>),
    OpenFailed,
    Done,
}

/// Understands a line about the card.
pub(crate) fn parse(raw: &str) -> Option<SdReply> {
    let line = raw.trim();
    let line = line.strip_prefix("echo:").unwrap_or(line).trim();
    let lower = line.to_ascii_lowercase();
    let is = |start: &str| lower.starts_with(start);
    if is("begin file list") || is("gcode files:") {
        Some(SdReply::ListBegins)
    } else if is("end file list") {
        Some(SdReply::ListEnds)
    } else if is("sd card ok") || is("sd inserted") || is("media inserted") {
        Some(SdReply::Ready)
    } else if [
        "sd init fail",
        "no sd card",
        "no media",
        "sd card removed",
        "sd removed",
        "media removed",
        "sd card release",
    ]
    .iter()
    .any(|gone| is(gone))
    {
        Some(SdReply::Gone)
    } else if is("not sd printing") {
        Some(SdReply::NotPrinting)
    } else if is("done printing file") {
        Some(SdReply::Done)
    } else if is("open failed") || is("error:open failed") || is("failed to open") || is("file not found") {
        Some(SdReply::OpenFailed)
    } else if is("sd printing byte") {
        let (at, of) = line["sd printing byte".len()..].trim().split_once('/')?;
        let of = of.split(|c: char| !c.is_ascii_digit()).next()?;
        Some(SdReply::Byte(at.trim().parse().ok()?, of.parse().ok()?))
    } else if is("file opened:") {
        let rest = &line["file opened:".len()..];
        let (name, size) = match rest.to_ascii_lowercase().rfind("size:") {
            Some(at) => (&rest[..at], rest[at + 5..].trim().split(' ').next().and_then(|s| s.parse().ok())),
            None => (rest, None),
        };
        Some(SdReply::Opened(plain(name, LONGEST_NAME), size))
    } else {
        None
    }
}

/// Reads one line of a list; `None` for what is none.
pub(crate) fn entry(raw: &str) -> Option<SdFile> {
    let line = raw.trim();
    if line.is_empty() || line.len() > LONGEST_LINE || line.starts_with(['<', '*', '!']) {
        return None;
    }
    let (short, quoted) = match line.split_once('"') {
        Some((short, rest)) => (short.trim(), Some(rest.split('"').next().unwrap_or_default())),
        None => (line, None),
    };
    // No name on a card has a colon or a control character; everything else that printers say has.
    if short.contains(':') || short.chars().any(char::is_control) {
        return None;
    }
    let words: Vec<&str> = short.split(' ').filter(|word| !word.is_empty()).collect();
    let digits = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_digit());
    let stamp = |word: &&&str| word.starts_with("0x");
    let (path, bytes, rest) = match words.as_slice() {
        [] => return None,
        [path, size, rest @ ..] if digits(size) => ((*path).to_owned(), size.parse().ok(), rest),
        // A long name with blanks, as hosts of their own have them.
        [name @ .., size] if digits(size) && !name.is_empty() => (name.join(" "), size.parse().ok(), &[][..]),
        [path] => ((*path).to_owned(), None, &[][..]),
        [..] if is_gcode(short) => (short.to_owned(), None, &[][..]),
        [..] => return None,
    };
    if matches!(path.as_str(), "ok" | "wait" | "start" | "echo") {
        return None;
    }
    let written = rest.first().filter(stamp).and_then(|word| written(word));
    let long = rest.iter().skip_while(|word| word.starts_with("0x")).copied().collect::<Vec<_>>().join(" ");
    let long = quoted.map_or(long, str::to_owned);
    Some(file(&path, &long, bytes, written))
}

/// Returns a file of the card as it may be shown.
pub(crate) fn file(path: &str, long: &str, bytes: Option<u64>, written: Option<String>) -> SdFile {
    let path = plain(path, LONGEST_NAME);
    let name = plain(long, LONGEST_NAME);
    let name = if name.is_empty() { path.trim_start_matches('/').to_owned() } else { name };
    let printable = (is_gcode(&path) || is_gcode(&name))
        && !path.ends_with('/')
        && path.len() <= LONGEST_SD_PATH
        && domain::check_sd_path(&path).is_ok();
    SdFile { path, name, bytes, written, printable }
}

fn is_gcode(name: &str) -> bool {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
    matches!(ending.as_str(), "g" | "gc" | "gco" | "gcod" | "gcode" | "nc" | "bgc" | "bgcode")
}

/// Reads a date as file systems of cards keep it: `0x555C9A31`.
fn written(word: &str) -> Option<String> {
    let stamp = u32::from_str_radix(word.strip_prefix("0x")?, 16).ok()?;
    let (date, time) = (stamp >> 16, stamp & 0xffff);
    let (year, month, day) = (1980 + (date >> 9), (date >> 5) & 15, date & 31);
    let (hour, minute) = (time >> 11, (time >> 5) & 63);
    let sensible = (1..=12).contains(&month) && day > 0 && hour < 24 && minute < 60;
    sensible.then(|| format!("{year}-{month:02}-{day:02}T{hour:02}:{minute:02}"))
}
