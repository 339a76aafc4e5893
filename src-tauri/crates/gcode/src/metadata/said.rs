//! Keys and values in comments, as the slicers write them.

use crate::lines::Lines;
use crate::lines::comment;
use crate::thumbnail::is_picture_line;
use parser::Command;

/// The longest value that is kept, bytes: the outline of a round bed.
const MOST_VALUE: usize = 4096;
/// The most that is kept.
const MOST_PAIRS: usize = 20_000;

/// A key and its value.
#[derive(Debug)]
struct Pair {
    /// In small letters.
    key: String,
    value: String,
    /// It stands behind a move.
    late: bool,
}

/// What a file says in its comments, in its order.
#[derive(Debug, Default)]
pub(super) struct Said {
    pairs: Vec<Pair>,
    /// Comments that may name the slicer.
    pub(super) titles: Vec<String>,
    /// The last comment of the kind that slicers end a file with.
    pub(super) end_mark: bool,
    /// A container held words beside the G-code.
    pub(super) in_container: bool,
    moved: bool,
    within_picture: bool,
    /// Cura's settings, which are one text over many lines.
    cura: String,
}

impl Said {
    /// Takes in what a container held.
    pub(super) fn beside(&mut self, pairs: &[(String, String)]) {
        self.in_container |= !pairs.is_empty();
        for (key, value) in pairs {
            self.push(key, value);
        }
    }

    /// Takes in a part of a file: `usual` bytes of it, and more only while no move has come. Returns how much it was.
    pub(super) fn read(&mut self, text: &[u8], usual: usize) -> usize {
        let mut lines = Lines::new(text, 0);
        while lines.advance().unwrap_or(false) {
            if self.moved && lines.start() > usual as u64 {
                break;
            }
            let line = lines.raw();
            if let Some(comment) = comment(line) {
                self.comment(comment_start(line).unwrap_or(comment));
            } else if !self.moved {
                let command = Command::read(line);
                self.moved = command.is_some_and(|c| matches!(c.code(), ('G', 0..=3)) && c.has_axis());
            }
        }
        self.cura_settings();
        usize::try_from(lines.start()).unwrap_or(text.len()).min(text.len())
    }

    /// Takes in the end of a file.
    pub(super) fn read_tail(&mut self, text: &[u8]) {
        self.within_picture = false;
        // The first line is cut.
        if let Some(at) = text.iter().position(|b| matches!(b, b'\n' | b'\r')) {
            self.moved = true;
            self.read(&text[at..], text.len());
        }
    }

    /// Returns the first value of the first of these keys that has one.
    pub(super) fn first(&self, keys: &[&str]) -> Option<&str> {
        keys.iter().find_map(|key| self.all(key).next())
    }

    /// Returns the first value that `read` understands, of the keys in this order.
    pub(super) fn read_first<T>(&self, keys: &[&str], read: impl Fn(&str) -> Option<T>) -> Option<T> {
        keys.iter().find_map(|key| self.all(key).find_map(&read))
    }

    /// Returns every value of a key.
    pub(super) fn all(&self, key: &str) -> impl Iterator<Item = &str> {
        self.pairs.iter().filter(move |p| p.key == key).map(|p| p.value.as_str())
    }

    /// Returns the values of all keys that begin and end so.
    pub(super) fn matching(&self, begin: &str, end: &str) -> impl Iterator<Item = &str> {
        let fits = move |p: &&Pair| p.key.starts_with(begin) && p.key.ends_with(end);
        self.pairs.iter().filter(fits).map(|p| p.value.as_str())
    }

    /// Returns whether a key that begins so stands behind a move.
    pub(super) fn has_late(&self, begin: &str) -> bool {
        self.pairs.iter().any(|p| p.late && p.key.starts_with(begin))
    }

    fn comment(&mut self, comment: &[u8]) {
        if is_picture_line(comment, &mut self.within_picture) {
            return;
        }
        let indented = comment.starts_with(b"   ");
        let cut = &comment[..comment.len().min(MOST_VALUE)];
        let text = String::from_utf8_lossy(cut);
        let text = text.trim_start_matches(';').trim();
        if let Some(part) = text.strip_prefix("SETTING_3 ") {
            if self.cura.len() < MOST_VALUE * 16 {
                self.cura += part;
            }
            return;
        }
        self.title(text);
        if text.starts_with("model printing time") {
            // Two in one line.
            text.split("; ").for_each(|part| self.pair(part, false));
        } else {
            self.pair(text, indented);
        }
    }

    fn title(&mut self, text: &str) {
        const FIRST: &[&str] =
            &["generated ", "g-code generated", "sliced by", "kissslicer", "kisslicer", "version ", "icesl"];
        const LAST: &[&str] = &["end of gcode", "build summary", "executable_block_end"];
        let small: String = text.chars().take(40).collect::<String>().to_ascii_lowercase();
        // A block's header has name and version alone.
        let bare = text.split_once(' ').is_some_and(|(name, version)| {
            name.contains("Studio") && version.starts_with(|c: char| c.is_ascii_digit())
        });
        if self.titles.len() < 20 && (bare || FIRST.iter().any(|begin| small.starts_with(begin))) {
            self.titles.push(text.chars().take(120).collect());
        }
        self.end_mark |= LAST.iter().any(|begin| small.starts_with(begin));
    }

    fn pair(&mut self, text: &str, indented: bool) {
        let at = text.find(['=', ':']);
        // `   layerHeight,0.24`
        let comma = text
            .find(',')
            .filter(|at| indented && *at > 0 && text[..*at].bytes().all(|b| b.is_ascii_alphanumeric()));
        let at = match (at, comma) {
            (Some(at), Some(comma)) => Some(at.min(comma)),
            (at, comma) => at.or(comma),
        };
        if let Some((key, value)) = at.and_then(|at| Some((text.get(..at)?, text.get(at + 1..)?))) {
            self.push(key, value);
        }
    }

    fn push(&mut self, key: &str, value: &str) {
        let (key, value) = (key.trim(), value.trim());
        if key.is_empty() || value.is_empty() || key.len() > 80 || self.pairs.len() >= MOST_PAIRS {
            return;
        }
        let end = (0..=value.len().min(MOST_VALUE)).rev().find(|at| value.is_char_boundary(*at)).unwrap_or(0);
        let (key, value) = (key.to_ascii_lowercase(), value[..end].to_owned());
        self.pairs.push(Pair { key, value, late: self.moved });
    }

    /// Cura's settings are a JSON of texts with line ends of their own, escaped twice.
    fn cura_settings(&mut self) {
        let text = std::mem::take(&mut self.cura);
        for line in text.split("\\\\n") {
            if let Some((key, value)) = line.split_once(" = ") {
                self.push(key, value);
            }
        }
    }
}

/// Returns what stands behind the semicolon, its indent included.
fn comment_start(line: &[u8]) -> Option<&[u8]> {
    line.iter().position(|b| *b == b';').map(|at| &line[at + 1..])
}
