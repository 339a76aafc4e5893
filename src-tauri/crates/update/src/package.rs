//! A package and its signature: verified, and held against what is installed.

use crate::error::at;
use crate::{Installed, Key, Statement, UpdateError};
use minisign_verify::{Error as SignatureError, Signature};
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// Larger than any package of ours, bytes.
const LARGEST: u64 = 1024 * 1024 * 1024;
/// Longer than any signature, bytes.
const LONGEST_SIGNATURE: u64 = 4 * 1024;
/// How the name of a signature ends, behind that of its package.
const ENDING: &str = "minisig";

/// A package that may be installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// What its signature says.
    pub statement: Statement,
    /// Its length.
    pub num_bytes: u64,
    /// It is signed with a key for development.
    pub development: bool,
}

/// A verified copy of a package, in a folder of ours.
#[derive(Debug)]
pub struct Staged {
    /// What is offered.
    pub offer: Offer,
    /// Where the copy lies.
    pub path: PathBuf,
}

/// Says whether a package may be installed here.
///
/// # Errors
/// With the reason when it may not.
pub fn check(file: &Path, key: &Key, installed: &Installed) -> Result<Offer, UpdateError> {
    let offer = verified(file, key, std::io::sink())?;
    fits(&offer.statement, installed)?;
    Ok(offer)
}

/// Copies a package that may be installed here into a folder, under a name of ours; what is verified is the copy.
///
/// # Errors
/// As [`check`]; nothing is left then.
pub fn stage(file: &Path, key: &Key, installed: &Installed, folder: &Path) -> Result<Staged, UpdateError> {
    fs::create_dir_all(folder).map_err(at(folder))?;
    let part = folder.join(format!("{}.part", std::process::id()));
    let copied = || {
        let _ = fs::remove_file(&part);
        let mut copy = File::create_new(&part).map_err(at(&part))?;
        let offer = verified(file, key, &mut copy)?;
        copy.sync_all().map_err(at(&part))?;
        fits(&offer.statement, installed)?;
        let path = folder.join(offer.statement.file_name());
        fs::rename(&part, &path).map_err(at(&path))?;
        Ok(Staged { offer, path })
    };
    let staged = copied();
    if staged.is_err() {
        let _ = fs::remove_file(&part);
    }
    staged
}

/// Reads a package through once, hands its bytes on, and verifies them against the signature beside it.
fn verified(file: &Path, key: &Key, mut to: impl Write) -> Result<Offer, UpdateError> {
    let mut from = opened(file, LARGEST)?;
    let signature = signature_of(file)?;
    // What was signed in the old way would have to lie in memory whole; ours never is.
    let mut verifier = key.public.verify_stream(&signature).map_err(refused)?;
    let (mut num_bytes, mut buffer) = (0, vec![0; 256 * 1024]);
    loop {
        let read = from.read(&mut buffer).map_err(at(file))?;
        if read == 0 {
            break;
        }
        num_bytes += read as u64;
        // It may grow while it is read.
        if num_bytes > LARGEST {
            return Err(UpdateError::TooLarge(name(file)));
        }
        verifier.update(&buffer[..read]);
        to.write_all(&buffer[..read]).map_err(at(file))?;
    }
    verifier.finalize().map_err(refused)?;
    // Only now: before, the comment was anybody's.
    let statement = signature.trusted_comment().parse().map_err(|_| UpdateError::NoPackage)?;
    Ok(Offer { statement, num_bytes, development: key.is_for_development() })
}

fn signature_of(file: &Path) -> Result<Signature, UpdateError> {
    let mut path = file.as_os_str().to_owned();
    path.push(".");
    path.push(ENDING);
    let path = PathBuf::from(path);
    if !path.exists() {
        return Err(UpdateError::NoSignature(name(&path)));
    }
    let mut text = String::new();
    let opened = opened(&path, LONGEST_SIGNATURE)?;
    let read = opened.take(LONGEST_SIGNATURE).read_to_string(&mut text);
    read.map_err(|_| UpdateError::BadSignature(name(&path)))?;
    Signature::decode(text.trim_end()).map_err(|_| UpdateError::BadSignature(name(&path)))
}

/// Opens what is a file of no more than so many bytes; a pipe would make us wait for ever.
fn opened(path: &Path, most: u64) -> Result<File, UpdateError> {
    let about = fs::metadata(path).map_err(at(path))?;
    if !about.is_file() {
        return Err(UpdateError::NotAFile(name(path)));
    }
    if about.len() > most {
        return Err(UpdateError::TooLarge(name(path)));
    }
    File::open(path).map_err(at(path))
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

fn refused(error: SignatureError) -> UpdateError {
    match error {
        SignatureError::UnexpectedKeyId => UpdateError::OtherKey,
        SignatureError::IoError(source) => UpdateError::File { path: "signature".into(), source },
        SignatureError::InvalidEncoding
        | SignatureError::InvalidSignature
        | SignatureError::UnexpectedAlgorithm
        | SignatureError::UnsupportedAlgorithm
        | SignatureError::UnsupportedLegacyMode => UpdateError::Changed,
    }
}

fn fits(statement: &Statement, installed: &Installed) -> Result<(), UpdateError> {
    let Some(kind) = installed.way.kind() else { return Err(UpdateError::Sources) };
    if statement.system != installed.system {
        let (made_for, here) = (statement.system.clone(), installed.system.clone());
        return Err(UpdateError::OtherSystem { made_for, here });
    }
    if statement.kind != kind {
        return Err(UpdateError::OtherKind { offered: statement.kind, installed: kind });
    }
    let (offered, installed) = (statement.version.clone(), installed.version.clone());
    match offered.cmp_precedence(&installed) {
        std::cmp::Ordering::Less => Err(UpdateError::Older { offered, installed }),
        std::cmp::Ordering::Equal => Err(UpdateError::Same(offered)),
        std::cmp::Ordering::Greater => Ok(()),
    }
}

#[cfg(test)]
#[path = "package_tests.rs"]
mod tests;
