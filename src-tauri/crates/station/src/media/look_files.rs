//! The files of looks of the prints under way, as the media thread writes them.

use super::paths::print_folder;
use domain::{HeatLook, PrintId};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use store::look_file::LookFile;

/// One open file a print.
pub(crate) struct LookFiles {
    root: PathBuf,
    open: BTreeMap<PrintId, LookFile>,
    failing: Failing,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Failing {
    Yes,
    No,
}

impl LookFiles {
    /// Files below this data folder.
    pub(crate) fn new(root: &Path) -> Self {
        Self { root: root.to_path_buf(), open: BTreeMap::new(), failing: Failing::No }
    }

    /// Keeps a look. What the disk does not take is lost: what-if then knows less of this print, nothing else.
    pub(crate) fn keep(&mut self, look: HeatLook) {
        let print = look.print;
        match self.try_keep(look) {
            Ok(()) => self.failing = Failing::No,
            Err(error) => {
                self.open.remove(&print);
                if self.failing == Failing::No {
                    tracing::warn!(%print, %error, "looks are not kept");
                }
                self.failing = Failing::Yes;
            }
        }
    }

    fn try_keep(&mut self, look: HeatLook) -> io::Result<()> {
        let file = match self.open.entry(look.print) {
            std::collections::btree_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::btree_map::Entry::Vacant(entry) => {
                entry.insert(LookFile::open(&self.root.join(print_folder(look.print)))?)
            }
        };
        file.append(look)
    }

    /// Writes all that waits of a print and lets its file go.
    pub(crate) fn close(&mut self, print: PrintId) {
        self.open.remove(&print);
    }
}
