//! Pages of a list, as Obico has them: how many there are in all, and where the next and the previous page are.

use crate::ApiError;
use crate::door::Peer;
use crate::openapi::{Draft, Input};
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::header::HOST;
use axum::http::request::Parts;
use serde::Serialize;
use std::convert::Infallible;

/// A page of a list.
#[derive(Serialize, ts_rs::TS, schemars::JsonSchema)]
#[schemars(rename = "{T}Page")]
pub(crate) struct Page<T> {
    pub(crate) count: u64,
    /// Whole address of the next page.
    pub(crate) next: Option<String>,
    pub(crate) previous: Option<String>,
    pub(crate) results: Vec<T>,
}

/// How who asks reaches this computer, such as `http://workshop.local:7412`; `None` where it was not said.
pub(crate) struct ServerUrl(Option<String>);

impl<S: Sync> FromRequestParts<S> for ServerUrl {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let scheme = parts.extensions.get::<Peer>().map_or("http", Peer::scheme);
        // The Host was checked: it is one of ours.
        let host = parts.headers.get(HOST).and_then(|host| host.to_str().ok());
        Ok(Self(host.map(|host| format!("{scheme}://{host}"))))
    }
}

/// Nothing of it is for who asks to say.
impl Input for ServerUrl {
    fn describe(_: &mut Draft<'_>) {}
}

/// Which page is asked for.
pub(crate) struct Asked {
    page: u32,
    size: u32,
    /// The address without the number of the page.
    address: String,
    query: String,
}

impl Asked {
    /// Reads which page of the list at `path` is wanted. `usual`: entries of a page unless said.
    ///
    /// # Errors
    /// 404 where there can be no such page.
    pub(crate) fn read(
        path: &str,
        server: &ServerUrl,
        query: Option<&str>,
        page: Option<u32>,
        size: u32,
    ) -> Result<Self, ApiError> {
        let page = page.unwrap_or(1);
        if page == 0 {
            return Err(no_such_page());
        }
        let address = server.0.as_ref().map_or_else(|| path.to_owned(), |server| format!("{server}{path}"));
        let mut kept = form_urlencoded::Serializer::new(String::new());
        kept.extend_pairs(
            form_urlencoded::parse(query.unwrap_or_default().as_bytes()).filter(|(k, _)| k != "page"),
        );
        Ok(Self { page, size, address, query: kept.finish() })
    }

    /// How many entries are before this page.
    pub(crate) fn start(&self) -> u32 {
        (self.page - 1).saturating_mul(self.size)
    }

    pub(crate) fn size(&self) -> u32 {
        self.size
    }

    /// Puts the page together. `count`: entries on all pages.
    ///
    /// # Errors
    /// 404 where the list ends before this page; the first page is always there.
    pub(crate) fn page<T>(&self, count: u64, results: Vec<T>) -> Result<Page<T>, ApiError> {
        if self.page > 1 && u64::from(self.start()) >= count {
            return Err(no_such_page());
        }
        let more = u64::from(self.start()) + u64::from(self.size) < count;
        Ok(Page {
            count,
            next: more.then(|| self.link(self.page.saturating_add(1))),
            previous: (self.page > 1).then(|| self.link(self.page - 1)),
            results,
        })
    }

    fn link(&self, page: u32) -> String {
        let and = if self.query.is_empty() { "" } else { "&" };
        format!("{}?{}{and}page={page}", self.address, self.query)
    }
}

fn no_such_page() -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, "not_found", "invalid page", "The list ends before it.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_lead_to_each_other_and_keep_what_was_asked() {
        let server = ServerUrl(Some("http://printer.local:8080".into()));
        let asked = |page| Asked::read("/list/", &server, Some("q=a%20b&page=2&page_size=2"), Some(page), 2);
        let page = asked(2).unwrap().page(5, vec![1, 2]).unwrap();
        assert_eq!(page.next.as_deref(), Some("http://printer.local:8080/list/?q=a+b&page_size=2&page=3"));
        assert_eq!(
            page.previous.as_deref(),
            Some("http://printer.local:8080/list/?q=a+b&page_size=2&page=1")
        );
        let last = asked(3).unwrap().page(5, vec![1]).unwrap();
        assert!(last.next.is_none() && last.count == 5);
        assert!(asked(4).unwrap().page(5, Vec::<u8>::new()).is_err() && asked(0).is_err());
        assert!(asked(1).unwrap().page(0, Vec::<u8>::new()).is_ok(), "an empty list has a page");
        assert!(asked(u32::MAX).unwrap().page(u64::from(u32::MAX), Vec::<u8>::new()).is_err());
    }
}
