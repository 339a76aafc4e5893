//! The files of the open database, so that it is noticed when somebody removes them.

use crate::DATABASE;
use std::fs;
use std::path::{Path, PathBuf};

/// What tells a file from another one of the same name.
type Identity = Option<(u64, u64)>;

/// The database and its journal as they were opened.
#[derive(Debug)]
pub(crate) struct Files(Vec<(PathBuf, Identity)>);

impl Files {
    /// Notes the files of a data folder.
    pub(crate) fn opened(data_dir: &Path) -> Self {
        let paths = ["", "-wal", "-shm"].map(|end| data_dir.join(format!("{DATABASE}{end}")));
        // The journal of an empty database may come with its first write: what is not there is not missed.
        Self(paths.into_iter().filter_map(|path| Some((path.clone(), identity(&path)?))).collect())
    }

    /// Returns the name of one that is gone, or another by now.
    pub(crate) fn gone(&self) -> Option<String> {
        let gone = self.0.iter().find(|(path, before)| identity(path) != Some(*before));
        gone.and_then(|(path, _)| Some(path.file_name()?.to_string_lossy().into_owned()))
    }
}

/// Returns what tells a file from others; `None` when it is not there.
#[cfg(unix)]
fn identity(path: &Path) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(path).ok().map(|about| Some((about.dev(), about.ino())))
}

#[cfg(not(unix))]
fn identity(path: &Path) -> Option<Identity> {
    fs::metadata(path).ok().map(|_| None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_removed_or_replaced_is_missed() {
        let dir = tempfile::tempdir().unwrap();
        let database = dir.path().join(DATABASE);
        fs::write(&database, "a").unwrap();
        let files = Files::opened(dir.path());
        assert_eq!(files.gone(), None);
        fs::write(&database, "ab").unwrap();
        assert_eq!(files.gone(), None, "what is written to it changes nothing");
        #[cfg(unix)]
        {
            fs::rename(&database, dir.path().join("old")).unwrap();
            fs::write(&database, "ab").unwrap();
            assert_eq!(files.gone().as_deref(), Some(DATABASE), "another of the same name");
        }
        fs::remove_file(&database).unwrap();
        assert_eq!(files.gone().as_deref(), Some(DATABASE));
    }
}
