//! Who looks at one printer by a socket or a shared link, and what of the printer they are shown.

use crate::auth::caller_of;
use crate::door::{Guest, Peer};
use crate::keys::Caller;
use crate::{ApiError, App};
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use domain::{PrinterId, PrinterView, Role};
use serde_json::{Value, json};
use std::sync::Arc;
use subtle::ConstantTimeEq;

/// The socket of one printer, for who has a token of ours.
pub(super) const WEB: &str = "/ws/web/";

/// Returns whether a ticket may be had for this path: a browser's socket carries no header.
pub(crate) fn is_socket(path: &str) -> bool {
    let id = path.strip_prefix(WEB).and_then(|rest| rest.strip_suffix('/'));
    id.is_some_and(|id| id.parse::<i64>().is_ok())
}

/// Returns where a shared link leads.
pub(super) fn address(token: &str) -> String {
    format!("/printers/share_token/{token}/")
}

/// One who may look at one printer.
#[derive(Clone)]
pub(super) struct Viewer {
    pub(super) printer: PrinterId,
    pub(super) caller: Caller,
    /// The secret of the shared link by which they came.
    pub(super) share_token: Option<String>,
    /// The printer's own token by which they came: good until the printer is linked anew.
    printers_token: Option<String>,
}

impl Viewer {
    /// By a shared link.
    ///
    /// # Errors
    /// 404 for a link that is wrong, has ended or was revoked; 429.
    pub(super) fn by_share(app: &App, parts: &Parts, token: &str) -> Result<Self, ApiError> {
        let guest = parts.extensions.get::<Guest>();
        let shown = |id: &PrinterId| app.station.snapshot().printers.contains_key(id);
        match app.access.by_share(token, guest).filter(|(printer, _)| shown(printer)) {
            Some((printer, caller)) => {
                let share_token = Some(token.to_owned());
                Ok(Self { printer, caller, share_token, printers_token: None })
            }
            None => Err(struck(app, parts, "this link")),
        }
    }

    /// By the token of the printer itself, as its agent has it: to look, since an agent is no person.
    fn by_printers_token(app: &App, parts: &Parts, token: &str) -> Result<Self, ApiError> {
        // As for agents: the window's listener is for the window.
        if !app.access.is_network() {
            return Err(ApiError::not_found("this address"));
        }
        let mut known = None;
        for view in app.station.snapshot().printers.values() {
            if bool::from(view.auth_token.as_bytes().ct_eq(token.as_bytes())) {
                known = Some(view.id);
            }
        }
        let Some(printer) = known else { return Err(struck(app, parts, "a printer with this token")) };
        if let Some(guest) = parts.extensions.get::<Guest>() {
            guest.admit();
        }
        let caller = Caller { role: Role::View, grant: None, ends_at: None, shared: None };
        Ok(Self { printer, caller, share_token: None, printers_token: Some(token.to_owned()) })
    }

    /// By a token, key or ticket of ours.
    fn by_caller(app: &App, parts: &Parts, printer: PrinterId) -> Result<Self, ApiError> {
        let (caller, _) = caller_of(&app.access, parts)?;
        crate::printers::view(app, printer)?;
        Ok(Self { printer, caller, share_token: None, printers_token: None })
    }

    /// Returns the printer; `None` once it is removed, or they may not look at it any more.
    pub(super) fn printer_view(&self, app: &App) -> Option<Arc<PrinterView>> {
        let view = app.station.snapshot().printers.get(&self.printer)?.clone();
        let stands = self.printers_token.as_ref().is_none_or(|token| *token == view.auth_token);
        stands.then_some(view)
    }

    /// Returns the printer as they are shown it.
    pub(super) fn sees(&self, view: &Arc<PrinterView>) -> Shown {
        match &self.share_token {
            Some(token) => Shown::Shared(shared(view, token)),
            None => Shown::Whole(self.caller.sees(view)),
        }
    }
}

/// What of a printer is shown.
#[derive(serde::Serialize)]
#[serde(untagged)]
pub(super) enum Shown {
    Whole(Arc<PrinterView>),
    Shared(Value),
}

/// A printer as a shared link shows it: no token, no settings of the app, no way to anything.
pub(super) fn shared(view: &PrinterView, token: &str) -> Value {
    let live = view.vigil.camera.as_ref().is_some_and(|camera| camera.live);
    let pic = live.then(|| json!({"img_url": format!("{}pic.jpg", address(token))}));
    let print = view.current_print.as_ref().map(|print| {
        json!({"filename": print.filename, "started_at": print.started_at, "ended_at": print.ended_at})
    });
    json!({
        "name": view.name,
        "pic": pic,
        "settings": view.settings,
        "status": view.status,
        "current_print": print,
    })
}

/// Counts one that does not know its secret.
fn struck(app: &App, parts: &Parts, what: &str) -> ApiError {
    let peer = parts.extensions.get::<Peer>().copied();
    if let Err(locked) = app.access.check_strikes(peer) {
        return locked;
    }
    app.access.strike(peer);
    let error = ApiError::not_found(what);
    ApiError { hint: "It may have ended, or was revoked.".into(), ..error }
}

/// At `/ws/web/{which}/`: the number of a printer, with a token of ours, or a shared link's secret.
pub(super) struct OfWeb(pub(super) Viewer);

/// At `/ws/token/web/{token}/`.
pub(super) struct OfToken(pub(super) Viewer);

/// At addresses with a shared link's secret.
pub(super) struct OfShare(pub(super) Viewer);

async fn in_path(parts: &mut Parts, app: &App) -> Result<String, ApiError> {
    let path = Path::<String>::from_request_parts(parts, app).await;
    path.map(|Path(text)| text).map_err(|_| ApiError::not_found("this address"))
}

impl FromRequestParts<App> for OfWeb {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let which = in_path(parts, app).await?;
        match which.parse() {
            Ok(id) => Viewer::by_caller(app, parts, PrinterId(id)).map(Self),
            Err(_) => Viewer::by_share(app, parts, &which).map(Self),
        }
    }
}

impl FromRequestParts<App> for OfToken {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let token = in_path(parts, app).await?;
        Viewer::by_printers_token(app, parts, &token).map(Self)
    }
}

impl FromRequestParts<App> for OfShare {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let token = in_path(parts, app).await?;
        Viewer::by_share(app, parts, &token).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::is_socket;

    #[test]
    fn tickets_are_for_sockets_of_printers_by_number() {
        assert!(is_socket("/ws/web/1/"));
        for other in ["/ws/web/", "/ws/web/a/", "/ws/web/1", "/ws/web/1/2/", "/ws/dev/", "/ws/token/web/1/"] {
            assert!(!is_socket(other), "{other}");
        }
    }
}
