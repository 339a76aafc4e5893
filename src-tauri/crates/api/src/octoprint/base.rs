//! The address by which a slicer asked, for the addresses in answers.

use super::meant::printer_in_path;
use crate::App;
use crate::door::Peer;
use axum::extract::FromRequestParts;
use axum::http::header::HOST;
use axum::http::request::Parts;
use std::convert::Infallible;

/// Such as `http://192.168.1.5:7412` or `http://workshop:7412/printers/2`: what stands before `/api`.
pub(crate) struct Base(pub(crate) String);

impl FromRequestParts<App> for Base {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let host = parts.headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        let peer = parts.extensions.get::<Peer>();
        let (to, scheme) = (peer.map(|peer| peer.to.port()), peer.map_or("http", Peer::scheme));
        let mut base = format!("{scheme}://{}", with_port(host, to));
        if let Some(printer) = printer_in_path(parts, app).await {
            base += &format!("/printers/{printer}");
        }
        Ok(Self(base))
    }
}

/// Some slicers name the computer without the port at which they ask.
fn with_port(host: &str, port: Option<u16>) -> String {
    let has_port = host.rsplit_once(':').is_some_and(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()));
    match port {
        Some(port) if !has_port && port != 80 => format!("{host}:{port}"),
        Some(_) | None => host.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_is_added_where_a_slicer_leaves_it_out() {
        assert_eq!(with_port("workshop", Some(7412)), "workshop:7412");
        assert_eq!(with_port("workshop:7412", Some(7412)), "workshop:7412");
        assert_eq!(with_port("workshop", Some(80)), "workshop");
        assert_eq!(with_port("[fd00::a]", Some(7412)), "[fd00::a]:7412");
        assert_eq!(with_port("[fd00::a]:7412", Some(7412)), "[fd00::a]:7412");
        assert_eq!(with_port("192.168.1.5", None), "192.168.1.5");
    }
}
