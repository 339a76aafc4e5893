//! A copy of the library that nobody else can reach. A library is mapped, not read: when its file is cut or written over
//! while it is in use (an update, a full disk), the system ends the whole program with SIGBUS, and a print with it.
//!
//! On Linux the copy is a file without a name. Windows locks the file of a library in use, and macOS ends a program that
//! runs changed code whatever we do: there the library is loaded from where it lies.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// What the loader is given, and what keeps it alive.
#[derive(Debug)]
pub(crate) struct RuntimeCopy {
    path: PathBuf,
    /// The nameless file; `None` where the library itself is loaded.
    _held: Option<File>,
}

impl RuntimeCopy {
    /// Returns where the loader finds it.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Copies the library. Where that is not possible (no room for it, say), the library itself is loaded.
    ///
    /// # Errors
    /// When the library is cut short: loading it would end the program.
    pub(crate) fn of(library: &Path) -> io::Result<Self> {
        whole(&std::fs::read(library)?)?;
        Ok(private(library).unwrap_or_else(|error| {
            tracing::warn!(%error, "the ONNX Runtime library is used from where it lies: it must not change meanwhile");
            Self { path: library.to_path_buf(), _held: None }
        }))
    }
}

#[cfg(target_os = "linux")]
fn private(library: &Path) -> io::Result<RuntimeCopy> {
    use std::os::fd::AsRawFd;
    use std::os::unix::fs::OpenOptionsExt;
    let name = std::env::temp_dir().join(format!("printvigil-{}.so", std::process::id()));
    let mut file = File::options().read(true).write(true).create_new(true).mode(0o600).open(&name)?;
    // Without a name from here on, so that it goes with the program whatever ends it.
    std::fs::remove_file(&name)?;
    io::copy(&mut File::open(library)?, &mut file)?;
    let path = PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()));
    // The original may have been cut while it was copied.
    whole(&std::fs::read(&path)?)?;
    Ok(RuntimeCopy { path, _held: Some(file) })
}

#[cfg(not(target_os = "linux"))]
fn private(library: &Path) -> io::Result<RuntimeCopy> {
    Ok(RuntimeCopy { path: library.to_path_buf(), _held: None })
}

/// Checks that a 64-bit ELF file has all the bytes that its headers speak of. Other files are left to the loader.
fn whole(bytes: &[u8]) -> io::Result<()> {
    if !bytes.starts_with(b"\x7fELF\x02\x01") {
        return Ok(());
    }
    let short = || io::Error::new(io::ErrorKind::UnexpectedEof, "the file is cut short");
    let number = |at: usize, len: usize| -> Option<u64> {
        let field = bytes.get(at..at.checked_add(len)?)?;
        Some(field.iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
    };
    let segment_end = |at: usize| number(at.checked_add(8)?, 8)?.checked_add(number(at.checked_add(32)?, 8)?);
    let fits = || -> Option<bool> {
        let (first, size, count) = (usize::try_from(number(32, 8)?).ok()?, number(54, 2)?, number(56, 2)?);
        let sections = number(40, 8)?.checked_add(number(58, 2)?.checked_mul(number(60, 2)?)?)?;
        let mut ends = (0..count).map(|n| segment_end(first.checked_add((n * size) as usize)?));
        let inside = |end: Option<u64>| end.is_some_and(|end| end <= bytes.len() as u64);
        Some(inside(Some(sections)) && ends.all(inside))
    };
    if fits() == Some(true) { Ok(()) } else { Err(short()) }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use crate::find_runtime;

    #[test]
    fn a_library_cut_anywhere_is_told_before_it_is_loaded() {
        let program = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        assert!(whole(&program).is_ok(), "this very program is whole");
        for share in [1, 10, 50, 90, 99] {
            assert!(whole(&program[..program.len() / 100 * share]).is_err(), "{share} %");
        }
        assert!(whole(b"not an ELF file").is_ok(), "the loader says what it thinks of it");
    }

    #[test]
    fn the_copy_stays_whole_when_the_file_is_cut() {
        let dir = tempfile::tempdir().unwrap();
        let library = dir.path().join("lib.so");
        std::fs::copy(std::env::current_exe().unwrap(), &library).unwrap();
        let before = std::fs::read(&library).unwrap();
        let copy = RuntimeCopy::of(&library).unwrap();
        assert_ne!(copy.path(), library);
        std::fs::write(&library, b"").unwrap();
        assert!(std::fs::read(copy.path()).unwrap() == before);
        assert_eq!(
            RuntimeCopy::of(&dir.path().join("absent.so")).unwrap_err().kind(),
            io::ErrorKind::NotFound
        );
    }

    #[test]
    fn a_model_runs_on_while_the_librarys_file_is_cut() {
        let Ok(runtime) = find_runtime(&[]) else {
            use std::io::Write;
            let _ = writeln!(io::stderr(), "skipped: no ONNX Runtime library");
            return;
        };
        let dir = tempfile::tempdir().unwrap();
        let library = dir.path().join(crate::RUNTIME_FILE);
        std::fs::copy(&runtime, &library).unwrap();
        let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/grid.onnx");
        let mut detector = crate::OnnxDetector::load(&library, &model).unwrap();
        std::fs::File::options().write(true).open(&library).unwrap().set_len(0).unwrap();
        let picture = crate::Picture { width: 96, height: 64, pixels: vec![200; 96 * 64 * 3] };
        assert!(crate::Detector::detect(&mut detector, &picture).is_ok());
        assert!(crate::OnnxDetector::load(&library, &model).is_ok(), "loaded once for the process");
    }
}
