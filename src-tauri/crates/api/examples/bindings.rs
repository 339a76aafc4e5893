//! Writes the types of the API as TypeScript, one file per type, into the directory given as argument:
//! `cargo run -p api --example bindings -- ui/src/lib/bindings`. Files of types that are gone are removed.

use std::error::Error;
use std::path::{Path, PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    let dir = std::env::args_os().nth(1).map(PathBuf::from).ok_or("name the directory to write to")?;
    std::fs::create_dir_all(&dir)?;
    clear(&dir)?;
    api::write_types(&dir)?;
    std::fs::write(dir.join("limits.ts"), domain::limits::typescript())?;
    Ok(())
}

/// Removes what an earlier run wrote.
fn clear(dir: &Path) -> Result<(), Box<dyn Error>> {
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == "ts") {
            std::fs::remove_file(path)?;
        }
    }
    Ok(())
}
