//! What each role may ask of a slicer's addresses: one line for each method of each.
//!
//! The same holds below `/printers/{printer}`. What a person may do in the window may be done by a key of the same role:
//! looking is for all, pausing and cancelling for those who operate, and uploading, starting, sending G-code and deleting
//! is the owner's.

use axum::http::Method;
use domain::Role::{self, Operate, Owner, View};

/// Before each address when one printer of several is meant.
const OF_ONE: &str = "/printers/{printer}";

/// Method, route, and the least role that may ask.
pub const LEAST_ROLES: &[(&str, &str, Role)] = &[
    // OctoPrint's.
    ("GET", "/api/version", View),
    ("GET", "/api/server", View),
    ("GET", "/api/settings", View),
    ("POST", "/api/login", View),
    ("GET", "/api/currentuser", View),
    ("GET", "/api/connection", View),
    ("GET", "/api/printerprofiles", View),
    ("GET", "/api/printer", View),
    ("POST", "/api/printer/command", Owner),
    ("GET", "/api/job", View),
    // Pauses, resumes and cancels; that it starts is the owner's, as the handler checks.
    ("POST", "/api/job", Operate),
    ("GET", "/api/files", View),
    ("GET", "/api/files/{location}", View),
    ("POST", "/api/files/{location}", Owner),
    ("GET", "/api/files/{location}/{*path}", View),
    ("POST", "/api/files/{location}/{*path}", Owner),
    ("DELETE", "/api/files/{location}/{*path}", Owner),
    // PrusaLink's, as far as they are not ours.
    ("GET", "/api/v1/info", View),
    ("GET", "/api/v1/status", View),
    ("GET", "/api/v1/job", View),
    ("PUT", "/api/v1/job/{job}/pause", Operate),
    ("PUT", "/api/v1/job/{job}/resume", Operate),
    ("DELETE", "/api/v1/job/{job}", Operate),
    ("GET", "/api/v1/storage", View),
    ("GET", "/api/v1/files/{location}/{*path}", View),
    ("PUT", "/api/v1/files/{location}/{*path}", Owner),
    ("POST", "/api/v1/files/{location}/{*path}", Owner),
    ("DELETE", "/api/v1/files/{location}/{*path}", Owner),
];

/// Returns the least role for a slicer's address; none where it is not one.
pub(crate) fn least(method: &str, route: &str) -> Option<Role> {
    let route = route.strip_prefix(OF_ONE).unwrap_or(route);
    LEAST_ROLES.iter().find(|(m, r, _)| *m == method && *r == route).map(|(_, _, role)| *role)
}

/// Returns whether slicers ask there: what is refused is then said to people as it is.
pub(crate) fn is_for_slicers(method: &Method, path: &str) -> bool {
    let path = match path.strip_prefix("/printers/") {
        Some(rest) => rest.find('/').map_or("", |at| &rest[at..]),
        None => path,
    };
    let (below, rest) = match (path.strip_prefix("/api/v1/"), path.strip_prefix("/api/")) {
        (Some(rest), _) if *method != Method::HEAD => ("/api/v1/", rest),
        (None, Some(rest)) => ("/api/", rest),
        _ => return path.starts_with("/plugin/appkeys/"),
    };
    // By the first word of an address: a file that is not there is theirs, an address that nobody knows is not.
    let first = |rest: &str| rest.split('/').next().unwrap_or_default().to_owned();
    let word = first(rest);
    LEAST_ROLES.iter().any(|(_, route, _)| {
        route.strip_prefix(below).is_some_and(|rest| first(rest) == word)
            && (below == "/api/v1/" || !route.starts_with("/api/v1/"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_role_is_the_same_for_the_only_printer_and_for_one_of_several() {
        assert_eq!(least("POST", "/api/files/{location}"), Some(Owner));
        assert_eq!(least("POST", "/printers/{printer}/api/files/{location}"), Some(Owner));
        assert_eq!(least("POST", "/printers/{printer}/api/job"), Some(Operate));
        assert_eq!(least("PUT", "/api/files/{location}"), None);
        assert_eq!(least("GET", "/api/v1/printers/"), None);
    }

    #[test]
    fn our_own_addresses_are_not_slicers() {
        for theirs in
            ["/api/version", "/printers/2/api/job", "/api/v1/files/local/a.gcode", "/plugin/appkeys/probe"]
        {
            assert!(is_for_slicers(&Method::GET, theirs), "{theirs}");
        }
        for ours in [
            "/",
            "/api/v1/printers/",
            "/api/v1/g_code_files/",
            "/api/nothing",
            "/printers",
            "/printers/2",
            "/media/x",
        ] {
            assert!(!is_for_slicers(&Method::GET, ours), "{ours}");
        }
    }

    #[test]
    fn nobody_who_looks_changes_anything() {
        let view = LEAST_ROLES.iter().filter(|(_, _, role)| *role == View);
        let wrong: Vec<_> =
            view.filter(|(method, route, _)| *method != "GET" && *route != "/api/login").collect();
        assert!(wrong.is_empty(), "{wrong:?}");
    }
}
