//! Where things lie on this computer.

use std::path::PathBuf;

/// Returns where everything is kept unless the user says otherwise.
pub fn data_dir() -> PathBuf {
    dirs::data_dir().unwrap_or_else(|| PathBuf::from(".")).join("printvigil")
}

/// Returns the folders in which a model or a library may lie, nearest first: beside the program, in what a package
/// installs, in the project when run from there.
pub fn resource_dirs() -> Vec<PathBuf> {
    let mut dirs = Vec::new();
    if let Some(beside) = std::env::current_exe().ok().as_deref().and_then(|exe| exe.parent()) {
        dirs.push(beside.to_path_buf());
        dirs.push(beside.join("resources"));
        // From target/debug in the project: its models and target/ort.
        if let Some(target) = beside.parent() {
            dirs.push(target.join("ort"));
            dirs.extend(target.parent().map(|project| project.join("models")));
        }
    }
    dirs.push(data_dir());
    dirs
}
