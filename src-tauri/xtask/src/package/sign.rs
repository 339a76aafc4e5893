//! Signatures of packages, which `vigil update` asks for; and the key that makes them.
//!
//! The secret half of a key never lies in the checkout; the public half is built into the app.

use crate::{Fault, paths, shell};
use std::path::{Path, PathBuf};

/// Signs packages: beside each lies its signature then, and what it says is signed, too.
///
/// # Errors
/// When the key does not open, or a signature cannot be written.
pub(super) fn sign(secret: &Path, packages: &[PathBuf], version: &str) -> Result<Vec<PathBuf>, Fault> {
    // It was named from where the person stands, and programs are run at the top of the checkout.
    let secret = std::path::absolute(secret).map_err(|error| error.to_string())?;
    let program = program()?;
    let mut made = Vec::new();
    for package in packages {
        let name = package.file_name().unwrap_or_default().to_string_lossy();
        let kinds = [(".deb", "deb"), (".rpm", "rpm"), (".tar.gz", "portable")];
        let Some((_, kind)) = kinds.iter().find(|(ending, _)| name.ends_with(ending)) else { continue };
        let system = format!("{}-{}", std::env::consts::OS, std::env::consts::ARCH);
        let statement = format!("printvigil {version} {system} {kind}");
        let mut command = shell::command(&program);
        shell::run(command.arg("package").arg(&secret).arg(package).arg(statement))?;
        made.push(package.with_file_name(format!("{name}.minisig")));
    }
    Ok(made)
}

/// Makes a key for development: the secret half as FILE, outside of the checkout, the public half into the app.
///
/// # Errors
/// When FILE is there already or lies in the checkout.
pub(crate) fn key(args: &[String]) -> Result<(), Fault> {
    let [file] = args else { return Err("update-key takes one FILE for the secret half".into()) };
    let file = std::path::absolute(file).map_err(|error| error.to_string())?;
    if file.starts_with(paths::root()) {
        return Err("the secret half of a key has no place in the checkout: name a file elsewhere".into());
    }
    let public = paths::root().join("src-tauri/crates/update/keys/update.pub");
    shell::run(shell::command(program()?).arg("key").arg(&file).arg(&public))?;
    println!("Secret half: {}\nPublic half, to be committed: {}", file.display(), public.display());
    println!("Packages that were signed with the key before are refused by what is built from now on.");
    Ok(())
}

/// Returns the program that signs; all of the workspace, so that the libraries are built with one set of features.
fn program() -> Result<PathBuf, Fault> {
    shell::run(shell::cargo().args(["build", "--workspace", "--example", "sign"]))?;
    Ok(paths::target().join("debug/examples").join(format!("sign{}", std::env::consts::EXE_SUFFIX)))
}
