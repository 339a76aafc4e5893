//! Makes keys and signs packages, for `cargo xtask update-key` and `cargo xtask package --sign`. The app itself only verifies.
//!
//!     sign key SECRET PUBLIC          makes a pair; the secret half can be read by its owner only
//!     sign package SECRET FILE STATEMENT
//!
//! A key with a password asks for it; one that minisign itself has made fits, too.

use minisign::{KeyPair, PublicKey, SecretKey, SecretKeyBox};
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

type Fault = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["key", secret, public] => key(Path::new(secret), Path::new(public)),
        ["package", secret, file, statement] => package(Path::new(secret), Path::new(file), statement),
        _ => Err("see the head of this file".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sign: {error}");
            ExitCode::FAILURE
        }
    }
}

fn key(secret: &Path, public: &Path) -> Result<(), Fault> {
    let KeyPair { pk, sk } = KeyPair::generate_unencrypted_keypair()?;
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(secret).map_err(|error| format!("{}: {error}", secret.display()))?;
    file.write_all(
        sk.to_box(Some("Printvigil: key for development, without a password"))?.to_string().as_bytes(),
    )?;
    let comment = "untrusted comment: Printvigil: key for development, not for releases";
    fs::write(public, format!("{comment}\n{}\n", pk.to_base64()))?;
    Ok(())
}

fn package(secret: &Path, file: &Path, statement: &str) -> Result<(), Fault> {
    let kept = SecretKeyBox::from_string(&fs::read_to_string(secret)?)?;
    let sk = match kept.clone().into_unencrypted_secret_key() {
        Ok(sk) => sk,
        Err(_) => SecretKey::from_box(kept, None)?,
    };
    let pk = PublicKey::from_secret_key(&sk)?;
    let signature = minisign::sign(Some(&pk), &sk, File::open(file)?, Some(statement), Some("Printvigil"))?;
    let mut beside = file.as_os_str().to_owned();
    beside.push(".minisig");
    fs::write(&beside, signature.to_string())?;
    Ok(())
}
