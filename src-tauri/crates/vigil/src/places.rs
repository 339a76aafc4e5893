//! Where things lie on this computer.

use std::path::PathBuf;

/// Returns where everything is kept unless the user says otherwise.
pub fn data_dir() -> PathBuf {
    dirs::data_dir().unwrap_or_else(|| PathBuf::from(".")).join("printvigil")
}
