//! The printer's own card: what is told of it, and the list of its files. Every word of it is hostile.

use crate::link::{Link, Tag};
use crate::prompt::plain;
use domain::{LONGEST_SD_PATH, MOST_SD_FILES, Now, SdCard, SdFile, SdOrder};

/// Longest name that is kept, characters.
const LONGEST_NAME: usize = 200;
/// Longer lines are no entries of a list, bytes.
const LONGEST_LINE: usize = 400;
/// Folders of folders that are followed.
const DEEPEST: usize = 8;

/// What is known of the card.
#[derive(Debug, Clone, Default)]
pub(crate) struct Card {
    /// The firmware has told of a card, or that there is none.
    pub(crate) known: bool,
    /// A list was asked for and has not ended.
    pub(crate) listing: bool,
    files: Option<Vec<SdFile>>,
    /// The list being told; its folders that are open.
    telling: Option<(Vec<SdFile>, Vec<String>)>,
    /// What the print from it is doing.
    pub(crate) print: crate::sd_print::Told,
}

impl Card {
    /// Returns what still holds after the firmware was greeted anew: what is known of a print that may go on.
    pub(crate) fn anew(&mut self, prints: bool) -> Self {
        let print = if prints { std::mem::take(&mut self.print) } else { Default::default() };
        Self { print, ..Self::default() }
    }
}

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

fn file(path: &str, long: &str, bytes: Option<u64>, written: Option<String>) -> SdFile {
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

impl Link {
    /// Returns what is known of the card; `None` when the printer has told of none.
    pub(crate) fn card_report(&self) -> Option<SdCard> {
        let card = &self.card;
        let known = card.known || self.can("SDCARD");
        known.then(|| SdCard { present: self.sd_ready, listing: card.listing, files: card.files.clone() })
    }

    pub(crate) fn sd_order(&mut self, order: SdOrder, now: Now) {
        match order {
            SdOrder::List => self.list_card(),
            SdOrder::Print(start) => self.start_from_card(start),
            SdOrder::Follow(start) => self.follow_card(start, now),
        }
    }

    fn list_card(&mut self) {
        if !self.is_up() {
            return self.refuse("list", "the printer is not connected: connect it first");
        }
        if self.job.is_some() || self.card.listing {
            return self.refuse("list", "the printer is busy: its card can be read when the print has ended");
        }
        self.card.listing = true;
        // A card that is in use must not be opened anew.
        if !self.sd_ready {
            self.side.push_back(("M21".into(), Tag::Side));
        }
        let line = match self.can("EXTENDED_M20") || self.can("LONG_FILENAME") {
            true => "M20 L T",
            false => "M20",
        };
        self.side.push_back((line.into(), Tag::CardList));
    }

    /// The question for the list was answered: without its end, what was told is the list.
    pub(crate) fn card_listed(&mut self) {
        self.card.listing = false;
        if let Some((files, _)) = self.card.telling.take() {
            self.card.files = Some(files);
            self.sd_ready = true;
        }
    }

    /// The card was put in or taken out: nothing of what was known of it holds.
    pub(crate) fn card_changed(&mut self, ready: bool) {
        self.sd_ready = ready;
        self.card.known = true;
        if self.card.telling.is_none() {
            self.card.files = None;
        }
    }

    /// Takes a line that belongs to the card. Returns whether it is nothing else.
    pub(crate) fn card_heard(&mut self, raw: &str, now: Now) -> bool {
        // Nearly every line is an `ok`, and nothing that is told of a card begins so.
        let Some(reply) = (if raw.starts_with("ok") { None } else { parse(raw) }) else {
            return self.card_entry(raw);
        };
        self.card.known = true;
        match reply {
            SdReply::ListBegins if self.card.listing => {
                self.card.telling = Some((Vec::new(), Vec::new()));
            }
            SdReply::ListBegins => (),
            SdReply::ListEnds => self.card_listed(),
            // "SD card ok" in answer to our own question is no change.
            SdReply::Ready if self.sd_ready && self.card.listing => (),
            SdReply::Ready => self.card_changed(true),
            SdReply::Gone => self.card_changed(false),
            SdReply::Byte(at, of) => self.card_byte(at, of, now),
            SdReply::NotPrinting => self.card_stands(now),
            SdReply::Opened(name, bytes) => self.card_opened(name, bytes, now),
            SdReply::OpenFailed => self.card_not_opened(),
            SdReply::Done => self.card_done(now),
        }
        true
    }

    fn card_entry(&mut self, raw: &str) -> bool {
        let Some((files, folders)) = &mut self.card.telling else { return false };
        let line = raw.trim();
        if let Some(rest) = line.strip_prefix("DIR_ENTER:") {
            let folder = rest.trim().split(' ').next().unwrap_or_default().trim_matches('/');
            if folders.len() < DEEPEST {
                folders.push(plain(folder.rsplit('/').next().unwrap_or_default(), LONGEST_NAME));
            }
            return true;
        }
        if line.starts_with("DIR_EXIT") {
            folders.pop();
            return true;
        }
        if line.starts_with('"') {
            // RepRapFirmware: all names in one line.
            let names = line.split('"').skip(1).step_by(2);
            let room = MOST_SD_FILES.saturating_sub(files.len());
            files.extend(
                names.filter(|name| !name.trim().is_empty()).take(room).map(|n| file(n, "", None, None)),
            );
            return true;
        }
        let Some(mut found) = entry(line) else { return false };
        if !folders.is_empty() && !found.path.contains('/') {
            let inside = format!("/{}/{}", folders.join("/"), found.path);
            let name = if found.name == found.path { "" } else { found.name.as_str() };
            found = file(&inside, name, found.bytes, found.written);
        }
        if files.len() < MOST_SD_FILES {
            files.push(found);
        }
        true
    }

    /// Returns the long name of a file of the card.
    pub(crate) fn card_name(&self, path: &str) -> Option<String> {
        let same = |file: &&SdFile| file.path.trim_matches('/').eq_ignore_ascii_case(path.trim_matches('/'));
        self.card.files.as_ref()?.iter().find(same).map(|file| file.name.clone())
    }
}
