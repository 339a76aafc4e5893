//! The list of the card's files, as the printer tells it line by line.

use crate::sd::{LONGEST_NAME, entry, file};
use crate::shown::plain;
use domain::{MOST_SD_FILES, SdFile};

/// Folders of folders that are followed.
const DEEPEST: usize = 8;

/// The files of the card.
#[derive(Debug, Clone, Default)]
pub(crate) struct CardList {
    /// A list was asked for and has not ended.
    asked: bool,
    files: Option<Vec<SdFile>>,
    /// The list being told; its folders that are open.
    telling: Option<(Vec<SdFile>, Vec<String>)>,
}

impl CardList {
    /// The list is asked for.
    pub(crate) fn ask(&mut self) {
        self.asked = true;
    }

    /// Returns whether a list was asked for and has not ended.
    pub(crate) fn is_asked(&self) -> bool {
        self.asked
    }

    pub(crate) fn files(&self) -> Option<&Vec<SdFile>> {
        self.files.as_ref()
    }

    /// `Begin file list`.
    pub(crate) fn on_begin(&mut self) {
        if self.asked {
            self.telling = Some((Vec::new(), Vec::new()));
        }
    }

    /// The list has ended, or the question for it was answered. Returns whether one was told.
    pub(crate) fn on_end(&mut self) -> bool {
        self.asked = false;
        let told = self.telling.take().map(|(files, _)| files);
        let any = told.is_some();
        self.files = told.or(self.files.take());
        any
    }

    /// The card was put in or taken out: nothing of what was known of it holds.
    pub(crate) fn on_changed(&mut self) {
        if self.telling.is_none() {
            self.files = None;
        }
    }

    /// Takes a line while a list is told. Returns whether it belongs to it.
    pub(crate) fn on_line(&mut self, raw: &str) -> bool {
        let Some((files, folders)) = &mut self.telling else { return false };
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

    /// Returns the long name of a file.
    pub(crate) fn name_of(&self, path: &str) -> Option<String> {
        let same = |file: &&SdFile| file.path.trim_matches('/').eq_ignore_ascii_case(path.trim_matches('/'));
        self.files.as_ref()?.iter().find(same).map(|file| file.name.clone())
    }
}
