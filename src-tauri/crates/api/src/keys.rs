//! All that may come in from the network: who has which secret, what they may do, and which of their connections are
//! open, so that revoking one ends them.

use crate::ApiError;
use crate::door::{Guest, Place};
use crate::error::blocking;
use axum::http::StatusCode;
use domain::{Grant, GrantId, GrantKind, MOST_GRANTS, PrinterId, PrinterView, Role, Timestamp};
use sha2::{Digest, Sha256};
use station::Station;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use store::access_grant::SecretHash;
use subtle::ConstantTimeEq;

/// A use is noted again when the last one is so long ago, seconds.
const SEEN_EVERY_SECS: f64 = 600.0;
/// Longest secret that is looked at, bytes: ours have 32.
const LONGEST_SECRET: usize = 128;

/// Who asks, as far as it matters for what they may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Caller {
    pub(crate) role: Role,
    /// None: the window, by the token of this launch.
    pub(crate) grant: Option<GrantId>,
    pub(crate) ends_at: Option<Timestamp>,
    /// Shows this printer and nothing else: it opens what is shared of it, and no other address.
    pub(crate) shared: Option<PrinterId>,
}

impl Caller {
    /// The window, or a browser on this computer with the window's token.
    pub(crate) const WINDOW: Self = Self { role: Role::Owner, grant: None, ends_at: None, shared: None };

    /// Returns whether the caller sees what other computers tell: a link that ends is to this one's printers.
    pub(crate) fn sees_machines(&self) -> bool {
        self.ends_at.is_none()
    }

    /// Returns a printer as the caller may see it: by the agent's token somebody could pass for the printer.
    pub(crate) fn sees(&self, view: &Arc<PrinterView>) -> Arc<PrinterView> {
        match self.role {
            Role::Owner => view.clone(),
            Role::View | Role::Operate => {
                Arc::new(PrinterView { auth_token: String::new(), ..PrinterView::clone(view) })
            }
        }
    }
}

/// Every grant, as it is stored.
pub(crate) struct Keys {
    station: Station,
    all: Mutex<Vec<Held>>,
}

struct Held {
    grant: Grant,
    hash: SecretHash,
    /// Connections on which it has come in.
    here: Vec<Weak<Place>>,
}

impl Keys {
    /// Reads them. Where they cannot be read nobody comes in from the network.
    pub(crate) fn read(station: Station) -> Self {
        let rows = station.store().read(store::access_grant::list).unwrap_or_else(|error| {
            tracing::error!(%error, "who may come in from the network could not be read: nobody may");
            Vec::new()
        });
        let held = |(grant, hash)| Held { grant, hash, here: Vec::new() };
        Self { station, all: Mutex::new(rows.into_iter().map(held).collect()) }
    }

    fn all(&self) -> MutexGuard<'_, Vec<Held>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns all that have not ended, oldest first, with the number of connections that each has open.
    pub(crate) fn list(&self) -> Vec<(Grant, usize)> {
        let now = self.station.now();
        let open = |held: &Held| held.here.iter().filter(|place| place.strong_count() > 0).count();
        let all = self.all();
        let there = all.iter().filter(|held| !held.grant.has_ended(now));
        there.map(|held| (held.grant.clone(), open(held))).collect()
    }

    /// Returns whose secret this is. `only`: it must be of this kind.
    pub(crate) fn find(&self, secret: &str, only: Option<GrantKind>) -> Option<Caller> {
        if secret.len() > LONGEST_SECRET {
            return None;
        }
        let (hash, now) = (hash(secret), self.station.now());
        let mut all = self.all();
        let mut found = None;
        // All are compared, each in the same time: nothing is learnt from how long it takes.
        for held in all.iter_mut() {
            if bool::from(held.hash.ct_eq(&hash)) {
                found = Some(held);
            }
        }
        let held = found.filter(|held| !held.grant.has_ended(now))?;
        if only.is_some_and(|kind| kind != held.grant.kind) {
            return None;
        }
        if held.grant.seen_at.is_none_or(|seen| now.secs_since(seen).abs() >= SEEN_EVERY_SECS) {
            held.grant.seen_at = Some(now);
            self.note_seen(held.grant.id, now);
        }
        Some(caller(&held.grant))
    }

    /// Returns what one may do now; none when it was revoked or has ended.
    pub(crate) fn by_id(&self, id: GrantId) -> Option<Caller> {
        let now = self.station.now();
        let all = self.all();
        let held = all.iter().find(|held| held.grant.id == id)?;
        (!held.grant.has_ended(now)).then(|| caller(&held.grant))
    }

    /// Returns what people call one.
    pub(crate) fn name_of(&self, id: GrantId) -> Option<String> {
        self.all().iter().find(|held| held.grant.id == id).map(|held| held.grant.name.clone())
    }

    /// Remembers on which connection one has come in. Returns whether it may still be there.
    pub(crate) fn follow(&self, id: GrantId, guest: &Guest) -> bool {
        let mut all = self.all();
        let Some(held) = all.iter_mut().find(|held| held.grant.id == id) else { return false };
        let place = guest.downgrade();
        held.here.retain(|other| other.strong_count() > 0);
        if !held.here.iter().any(|other| other.ptr_eq(&place)) {
            held.here.push(place);
        }
        true
    }

    /// Lets one more in: stored first. Returns it and its secret, which is told this once.
    ///
    /// # Errors
    /// When there are too many, and when it cannot be stored.
    pub(crate) async fn add(
        &self,
        kind: GrantKind,
        name: String,
        role: Role,
        ends_at: Option<Timestamp>,
    ) -> Result<(Grant, String), ApiError> {
        let (id, created_at) = (GrantId(0), self.station.now());
        self.store(Grant { id, kind, name, role, created_at, seen_at: None, ends_at, printer: None }).await
    }

    /// Makes a link that shows one printer and nothing else. Returns it and its secret, which is told this once.
    ///
    /// # Errors
    /// As [`Keys::add`].
    pub(crate) async fn share(
        &self,
        printer: PrinterId,
        name: String,
        ends_at: Timestamp,
    ) -> Result<(Grant, String), ApiError> {
        let (id, created_at, kind, role) = (GrantId(0), self.station.now(), GrantKind::Link, Role::View);
        let (seen_at, ends_at, printer) = (None, Some(ends_at), Some(printer));
        self.store(Grant { id, kind, name, role, created_at, seen_at, ends_at, printer }).await
    }

    async fn store(&self, mut grant: Grant) -> Result<(Grant, String), ApiError> {
        self.forget_ended().await?;
        if self.all().len() >= MOST_GRANTS {
            return Err(ApiError::new(
                StatusCode::CONFLICT,
                "too_many",
                format!("there are {MOST_GRANTS} devices, links and keys already"),
                "Revoke those that are not used any longer.",
            ));
        }
        let secret = crate::new_token();
        let hash = hash(&secret);
        let (store, row) = (self.station.store().clone(), grant.clone());
        let id = blocking(move || store.write_now(move |tx| store::access_grant::insert(tx, &row, &hash)));
        grant.id = id.await?;
        tracing::info!(grant = %grant.id, kind = ?grant.kind, role = ?grant.role, "may come in from the network");
        self.all().push(Held { grant: grant.clone(), hash, here: Vec::new() });
        Ok((grant, secret))
    }

    /// Gives one another name: stored first. Its secret, role and open connections stay.
    ///
    /// # Errors
    /// When there is none, and when it cannot be stored.
    pub(crate) async fn rename(&self, id: GrantId, name: String) -> Result<Grant, ApiError> {
        let (store, stored) = (self.station.store().clone(), name.clone());
        blocking(move || store.write_now(move |tx| store::access_grant::rename(tx, id, &stored))).await?;
        let mut all = self.all();
        // It may have been revoked meanwhile.
        let held = all.iter_mut().find(|held| held.grant.id == id);
        let held = held.ok_or_else(|| ApiError::not_found("this access"))?;
        held.grant.name = name;
        Ok(held.grant.clone())
    }

    /// Keeps one out from now on; its open connections are cut.
    ///
    /// # Errors
    /// When there is none, and when it cannot be stored: then it is kept out until the app is started again.
    pub(crate) async fn revoke(&self, id: GrantId) -> Result<(), ApiError> {
        let mut cut = Vec::new();
        self.all().retain_mut(|held| {
            if held.grant.id == id {
                cut.append(&mut held.here);
            }
            held.grant.id != id
        });
        cut.iter().filter_map(Weak::upgrade).for_each(|place| place.send_away());
        tracing::info!(grant = %id, "may come in no longer");
        let store = self.station.store().clone();
        blocking(move || store.write_now(move |tx| store::access_grant::delete(tx, id))).await
    }

    async fn forget_ended(&self) -> Result<(), ApiError> {
        let now = self.station.now();
        let ended: Vec<GrantId> =
            self.all().iter().filter(|held| held.grant.has_ended(now)).map(|held| held.grant.id).collect();
        for id in ended {
            self.revoke(id).await?;
        }
        Ok(())
    }

    /// Nobody waits for this: it is for people to see which devices are used.
    fn note_seen(&self, id: GrantId, at: Timestamp) {
        let store = self.station.store().clone();
        tokio::task::spawn_blocking(move || {
            if let Err(error) = store.write_now(move |tx| store::access_grant::seen(tx, id, at)) {
                tracing::warn!(%error, grant = %id, "when it was last used could not be noted");
            }
        });
    }
}

fn caller(grant: &Grant) -> Caller {
    Caller { role: grant.role, grant: Some(grant.id), ends_at: grant.ends_at, shared: grant.printer }
}

/// Secrets have 128 random bits, so that a plain hash cannot be turned round.
fn hash(secret: &str) -> SecretHash {
    Sha256::digest(secret.as_bytes()).into()
}
