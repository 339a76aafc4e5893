//! Who may come in from the network: devices are paired, links and keys are made, each is revoked.

use crate::door::Peer;
use crate::network::{codes, require_open};
use crate::network_door::Code;
use crate::openapi::{Created, Draft, Input};
use crate::pairing::{OFFER_LIFE, Proof, Refused};
use crate::routing::{Routes, patch, post};
use crate::{ApiError, App, new_pin, new_token};
use axum::Json;
use axum::extract::{FromRequestParts, Path, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::NoContent;
use domain::{Grant, GrantId, GrantKind, Role};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

/// Largest message of a device that wants to be paired, bytes.
const MAX_PAIR: usize = 1024;
/// Longest life of a link, hours: 30 days.
const LONGEST_LINK_HOURS: u32 = 720;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .route("/vigil/network/pairing/", post(offer).delete(withdraw))
        .route("/vigil/network/links/", post(add_link))
        .route("/vigil/network/keys/", post(add_key))
        .route("/vigil/network/grants/{id}/", patch(rename).delete(revoke))
        .route("/vigil/network/app_keys/{id}/", post(answer))
}

/// What strangers may ask.
pub(crate) fn pair_route() -> Routes {
    Routes::new().route("/api/v1/vigil/pair/", post(pair).body_limit(MAX_PAIR))
}

#[derive(Deserialize, schemars::JsonSchema)]
struct OfferTo {
    role: Role,
}

/// A code to scan or to type, shown this once.
#[derive(Serialize, ts_rs::TS, schemars::JsonSchema)]
#[serde(rename = "NetworkOffer")]
pub(crate) struct OfferView {
    /// One a network of this computer; each leads to the same.
    codes: Vec<Code>,
    /// Six digits; null while too many wrong ones came.
    pin: Option<String>,
    role: Role,
    expires_in_secs: u64,
}

async fn offer(State(app): State<App>, Json(to): Json<OfferTo>) -> Result<Json<OfferView>, ApiError> {
    require_open(&app)?;
    let token = new_token();
    let codes = codes(&app, &format!("pair={token}")).await?;
    let pin = app.network.pairing.offer(token, new_pin(), to.role, Instant::now());
    Ok(Json(OfferView { codes, pin, role: to.role, expires_in_secs: OFFER_LIFE.as_secs() }))
}

async fn withdraw(State(app): State<App>) -> NoContent {
    app.network.pairing.withdraw();
    NoContent
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewLink {
    name: String,
    hours: u32,
}

/// A link or key with its secret, shown this once.
#[derive(Serialize, ts_rs::TS, schemars::JsonSchema)]
#[serde(rename = "NetworkSecret")]
pub(crate) struct SecretView {
    grant: Grant,
    /// 32 hex digits.
    secret: String,
    /// Of a link, one a network of this computer; empty for a key.
    codes: Vec<Code>,
}

fn name(name: &str) -> Result<String, ApiError> {
    Grant::check_name(name).map_err(ApiError::bad_request)
}

async fn add_link(
    State(app): State<App>,
    Json(link): Json<NewLink>,
) -> Result<Created<SecretView>, ApiError> {
    require_open(&app)?;
    if !(1..=LONGEST_LINK_HOURS).contains(&link.hours) {
        return Err(ApiError::bad_request(format!("a link lasts 1 to {LONGEST_LINK_HOURS} hours")));
    }
    let ends_at = Some(app.station.now().plus_secs(f64::from(link.hours) * 3600.0));
    let (grant, secret) =
        app.network.keys.add(GrantKind::Link, name(&link.name)?, Role::View, ends_at).await?;
    let codes = codes(&app, &format!("token={secret}")).await?;
    Ok(Created(SecretView { grant, secret, codes }))
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewKey {
    name: String,
    role: Role,
}

async fn add_key(State(app): State<App>, Json(key): Json<NewKey>) -> Result<Created<SecretView>, ApiError> {
    let (grant, secret) = app.network.keys.add(GrantKind::Key, name(&key.name)?, key.role, None).await?;
    Ok(Created(SecretView { grant, secret, codes: Vec::new() }))
}

/// What can be changed of one that may come in.
#[derive(Deserialize, ts_rs::TS, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GrantChange {
    /// What people call it, 1 to 64 characters.
    name: String,
}

async fn rename(
    State(app): State<App>,
    Path(id): Path<GrantId>,
    Json(change): Json<GrantChange>,
) -> Result<Json<Grant>, ApiError> {
    app.network.keys.rename(id, name(&change.name)?).await.map(Json)
}

/// A person's answer to a program that asks for a key.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct AnswerTo {
    /// What it may do; null: nothing, it gets no key.
    role: Option<Role>,
}

async fn answer(
    State(app): State<App>,
    Path(id): Path<u64>,
    Json(answer): Json<AnswerTo>,
) -> Result<NoContent, ApiError> {
    let gone = || ApiError::not_found("this question");
    let Some(role) = answer.role else {
        return app.app_keys.refuse(id, Instant::now()).then_some(NoContent).ok_or_else(gone);
    };
    let asked = app.app_keys.waiting(Instant::now()).into_iter().find(|one| one.id == id).ok_or_else(gone)?;
    // Carried out wholly: a key that nobody fetches does not stay.
    let answered = tokio::spawn(async move {
        let (grant, secret) = app.network.keys.add(GrantKind::Key, asked.app, role, None).await?;
        if !app.app_keys.allow(id, secret, Instant::now()) {
            app.network.keys.revoke(grant.id).await?;
            return Err(gone());
        }
        Ok(NoContent)
    });
    answered.await.map_err(|error| ApiError::internal(error.to_string()))?
}

async fn revoke(State(app): State<App>, Path(id): Path<GrantId>) -> Result<NoContent, ApiError> {
    // Carried out wholly: a device that revokes itself loses its connection by it.
    let revoked = tokio::spawn(async move { app.network.keys.revoke(id).await });
    revoked.await.map_err(|error| ApiError::internal(error.to_string()))??;
    Ok(NoContent)
}

/// Somebody at the network's listener from whom not too much was wrong lately: known before the body is read.
pub(crate) struct Stranger(pub(crate) Peer);

impl FromRequestParts<App> for Stranger {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let peer = parts.extensions.get::<Peer>().copied().filter(|_| app.access.is_network());
        // At the window's listener nobody is paired.
        let peer = peer.ok_or_else(|| ApiError::not_found("this address"))?;
        app.access.check_strikes(Some(peer))?;
        Ok(Self(peer))
    }
}

/// Nothing of the request is for who sends it to say.
impl Input for Stranger {
    fn describe(_: &mut Draft<'_>) {}
}

/// What a device shows to be let in: one of the two.
#[derive(Deserialize, ts_rs::TS, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[ts(optional_fields)]
pub(crate) struct PairWith {
    /// Of the QR code; or
    token: Option<String>,
    /// the six digits.
    pin: Option<String>,
    /// What the device shall be called.
    name: String,
}

/// A device that was let in.
#[derive(Serialize, ts_rs::TS, schemars::JsonSchema)]
pub(crate) struct Paired {
    /// Its secret, to be sent as `Authorization: Bearer …`.
    token: String,
    role: Role,
}

async fn pair(
    State(app): State<App>,
    Stranger(peer): Stranger,
    Json(ask): Json<PairWith>,
) -> Result<Json<Paired>, ApiError> {
    let name = name(&ask.name)?;
    let proof = match (&ask.token, &ask.pin) {
        (Some(token), None) => Proof::Token(token),
        (None, Some(pin)) => Proof::Pin(pin),
        _ => return Err(ApiError::bad_request("either `token` or `pin` is needed")),
    };
    match app.network.pairing.redeem(peer.from, &proof, Instant::now()) {
        Ok(role) => {
            let (_, token) = app.network.keys.add(GrantKind::Device, name, role, None).await?;
            Ok(Json(Paired { token, role }))
        }
        Err(Refused::Locked(left)) => {
            app.access.strike(Some(peer));
            Err(ApiError::too_many(left))
        }
        Err(Refused::Wrong) => {
            app.access.strike(Some(peer));
            Err(ApiError::new(
                StatusCode::FORBIDDEN,
                "wrong_code",
                "this code is wrong, was used, or is older than two minutes",
                "Show a new one in Printvigil on the computer: Settings, Phone and other devices.",
            ))
        }
    }
}
