//! What a shared link opens: one printer as a page without scripts, as JSON, and its picture.
//!
//! **Invariant:** nothing here takes anything but GET, and nothing of the page leads anywhere else.

use super::viewer::{OfShare, Viewer, address, shared};
use crate::{ApiError, App};
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use domain::PrinterView;
use serde::Deserialize;

/// Pictures of this page and nothing else.
const POLICY: &str = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; base-uri 'none'; \
                      frame-ancestors 'none'; form-action 'none'";
/// The page is asked for again so often, seconds.
const RENEWED: u32 = 10;

const STYLE: &str = "body{margin:0 auto;max-width:60rem;padding:1rem;font:16px/1.5 system-ui,sans-serif;\
    color:#1c1c1c;background:#fff}h1{font-size:1.3rem;margin:.3rem 0}img{max-width:100%;border-radius:8px}\
    p{margin:.3rem 0}.dim{color:#5c5c5c}\
    @media(prefers-color-scheme:dark){body{color:#eee;background:#161616}.dim{color:#a8a8a8}}";

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/printers/share_token/{token}/", get(page))
        .route("/printers/share_token/{token}/pic.jpg", get(picture))
        .route("/api/v1/printers/share_token/{token}/", get(json))
}

#[derive(Deserialize)]
struct Form {
    format: Option<String>,
}

async fn json(State(app): State<App>, found: Result<OfShare, ApiError>) -> Result<Response, ApiError> {
    let OfShare(viewer) = found?;
    let view = viewer.printer_view(&app).ok_or_else(gone)?;
    let token = viewer.share_token.as_deref().unwrap_or_default();
    Ok(guarded(Json(shared(&view, token)).into_response(), None))
}

async fn page(
    State(app): State<App>,
    headers: HeaderMap,
    Query(form): Query<Form>,
    found: Result<OfShare, ApiError>,
) -> Response {
    let accepts = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    if form.format.as_deref() == Some("json") || accepts.starts_with("application/json") {
        return json(State(app), found).await.into_response();
    }
    let shown = found.and_then(|OfShare(viewer)| {
        let view = viewer.printer_view(&app).ok_or_else(gone)?;
        Ok((view, viewer))
    });
    let (status, html) = match shown {
        Ok((view, viewer)) => (StatusCode::OK, of_printer(&view, &viewer, &app.station.now().to_string())),
        Err(error) => (error.status, plain(&error.sentence())),
    };
    let mut response = guarded((status, html).into_response(), Some(POLICY));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    response
}

async fn picture(State(app): State<App>, found: Result<OfShare, ApiError>) -> Result<Response, ApiError> {
    let OfShare(viewer) = found?;
    let view = viewer.printer_view(&app).ok_or_else(gone)?;
    let none = || ApiError::not_found("a live picture of this printer");
    let camera = view.vigil.camera.as_ref().filter(|camera| camera.live).ok_or_else(none)?;
    app.station.agents().looked(camera.id);
    let frames = app.station.frames(camera.id).ok_or_else(none)?;
    let newest = frames.borrow().clone().ok_or_else(none)?;
    let response = ([(CONTENT_TYPE, "image/jpeg")], Body::from(newest.jpeg.clone())).into_response();
    Ok(guarded(response, None))
}

fn gone() -> ApiError {
    ApiError::not_found("this printer")
}

/// The address holds the secret: it goes into no cache, no referrer, and no frame of another page.
fn guarded(mut response: Response, policy: Option<&'static str>) -> Response {
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert("x-robots-tag", HeaderValue::from_static("noindex"));
    if let Some(policy) = policy {
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    }
    response
}

fn plain(sentence: &str) -> String {
    document("Printvigil", "", &format!("<h1>Printvigil</h1><p>{}</p>", escaped(sentence)))
}

fn document(title: &str, head: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">{head}<title>{title}</title>\
         <style>{STYLE}</style></head><body>{body}</body></html>"
    )
}

fn of_printer(view: &PrinterView, viewer: &Viewer, now: &str) -> String {
    let name = escaped(&view.name);
    let token = viewer.share_token.as_deref().unwrap_or_default();
    let live = view.vigil.camera.as_ref().is_some_and(|camera| camera.live);
    let mut body = format!("<h1>{name}</h1><p>{}</p>", escaped(&view.vigil.state_word));
    if !view.vigil.state_detail.is_empty() {
        body += &format!("<p>{}</p>", escaped(&view.vigil.state_detail));
    }
    if let Some(print) = &view.current_print {
        body += &format!("<p>{}</p>", escaped(&print.filename));
        if let Some(done) = view.status.progress.completion {
            body += &format!("<p>{done:.0}&nbsp;% printed</p>");
        }
        if let Some(left) = view.status.progress.printTimeLeft {
            body += &format!("<p>Time left: {}</p>", duration(left));
        }
    }
    body += &if live {
        format!("<p><img src=\"{}pic.jpg\" alt=\"The newest picture of {name}\"></p>", address(token))
    } else {
        "<p>There is no live picture now.</p>".to_owned()
    };
    body += &format!(
        "<p class=\"dim\">As of {} UTC. This page asks again every {RENEWED} seconds; it can only show.</p>",
        escaped(now.get(11..19).unwrap_or(now))
    );
    let head = format!("<meta http-equiv=\"refresh\" content=\"{RENEWED}\">");
    document(&name, &head, &body)
}

fn duration(secs: f64) -> String {
    let mins = (secs.clamp(0.0, 1e7) / 60.0).ceil() as u64;
    match mins / 60 {
        0 => format!("{mins} min"),
        hours => format!("{hours} h {} min", mins % 60),
    }
}

/// Printers and files have any name.
fn escaped(text: &str) -> String {
    text.chars().fold(String::new(), |mut out, letter| {
        match letter {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\'' => out += "&#39;",
            other => out.push(other),
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_text_and_nothing_else() {
        assert_eq!(escaped("<script>\"x\" & 'y'"), "&lt;script&gt;&quot;x&quot; &amp; &#39;y&#39;");
        let page = plain("a<b");
        assert!(page.contains("A&lt;b") || page.contains("a&lt;b"), "{page}");
        assert_eq!((duration(59.0), duration(3_700.0)), ("1 min".into(), "1 h 2 min".into()));
    }
}
