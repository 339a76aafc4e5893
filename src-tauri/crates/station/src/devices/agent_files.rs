//! Files of ours that agents fetch, each by an address that nobody can guess and that works once.

use crate::hex::hex;
use domain::{FileId, PrinterId, StartJob, name_at_host};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// An agent that has not come for a file by then does not print it any more.
const GOOD_FOR: Duration = Duration::from_secs(1_800);
/// Addresses that are good at once.
const MOST: usize = 64;
/// Bytes of chance in an address.
const CHANCE: usize = 16;

struct Offer {
    token: String,
    printer: PrinterId,
    file: FetchedFile,
    until: Instant,
}

/// A file that an agent fetches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchedFile {
    /// Where it lies.
    pub path: PathBuf,
    /// Its number here, if it is of the library.
    pub id: Option<FileId>,
}

/// The addresses that are good now. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct AgentFiles(Arc<Mutex<Vec<Offer>>>);

impl AgentFiles {
    fn lock(&self) -> MutexGuard<'_, Vec<Offer>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the path of an address by which the agent of a printer fetches the file of a print; one before is good for
    /// nothing any more.
    pub(super) fn offer(&self, printer: PrinterId, job: &StartJob) -> String {
        let token = token();
        let path = format!("/api/v1/octo/files/{token}/{}", name_at_host(&job.name));
        let file = FetchedFile { path: job.path.clone(), id: job.file };
        let mut offers = self.lock();
        offers.retain(|offer| offer.printer != printer && Instant::now() < offer.until);
        offers.truncate(MOST - 1);
        offers.push(Offer { token, printer, file, until: Instant::now() + GOOD_FOR });
        path
    }

    /// Takes an address: it works once.
    pub(super) fn take(&self, token: &str) -> Option<FetchedFile> {
        let mut offers = self.lock();
        let at = offers.iter().position(|offer| offer.token == token && Instant::now() < offer.until)?;
        Some(offers.remove(at).file)
    }
}

fn token() -> String {
    let mut chance = [0_u8; CHANCE];
    getrandom::fill(&mut chance).expect("the system has random numbers");
    hex(&chance)
}
