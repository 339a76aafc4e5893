//! Addresses of network cameras: what of them may be shown, and what is secret.
//!
//! A name and password stand before the `@`; many cameras want them among the values of the address instead.

/// Stands for a secret in an address that is shown.
pub const HIDDEN: &str = "***";

/// Parts of names of values that are secret.
const SECRET: &[&str] = &[
    "pass",
    "pwd",
    "user",
    "usr",
    "login",
    "token",
    "secret",
    "key",
    "auth",
    "account",
    "credential",
    "session",
];
/// Whole names of such values.
const SECRET_WHOLE: &[&str] = &["u", "p", "pw", "sid"];

struct Parts<'a> {
    scheme: &'a str,
    /// What stands before the last `@`.
    user: Option<&'a str>,
    host: &'a str,
    /// Path, query and fragment.
    rest: &'a str,
}

fn parts(address: &str) -> Option<Parts<'_>> {
    let (scheme, rest) = address.trim().split_once("://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, rest) = rest.split_at(end);
    let (user, host) = match authority.rsplit_once('@') {
        Some((user, host)) => (Some(user), host),
        None => (None, authority),
    };
    Some(Parts { scheme, user, host, rest })
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SECRET.iter().any(|part| name.contains(part)) || SECRET_WHOLE.contains(&name.as_str())
}

/// Rewrites the values of secret names in path and query; `value` gets the name and the value.
fn with_secrets(rest: &str, mut value: impl FnMut(&str, &str) -> String) -> String {
    let mut out = String::with_capacity(rest.len());
    for piece in rest.split_inclusive(['/', '?', '&', ';', '#']) {
        let text = piece.trim_end_matches(['/', '?', '&', ';', '#']);
        match text.split_once('=') {
            Some((name, secret)) if is_secret(name) && !secret.is_empty() => {
                out.push_str(name);
                out.push('=');
                out.push_str(&value(name, secret));
                out.push_str(&piece[text.len()..]);
            }
            Some(_) | None => out.push_str(piece),
        }
    }
    out
}

/// Returns an address as it may be shown and stored: without name and password, and with [`HIDDEN`] for secret values.
pub fn shown_address(address: &str) -> String {
    match parts(address) {
        Some(Parts { scheme, host, rest, .. }) => {
            format!("{scheme}://{host}{}", with_secrets(rest, |_, _| HIDDEN.into()))
        }
        // No address at all: whatever stands before an `@` may be a password.
        None => address.rsplit('@').next().unwrap_or_default().into(),
    }
}

/// Returns the whole of an address that a person gave: what it hides or leaves out is taken from the one `before`, but
/// only for the same host. An `@` with nothing before it means that there is no password any more.
pub fn whole_address(given: &str, before: &str) -> String {
    let (Some(new), Some(old)) = (parts(given), parts(before)) else { return given.trim().into() };
    let same = new.host.eq_ignore_ascii_case(old.host);
    let user = new.user.or(old.user.filter(|_| same)).filter(|user| !user.is_empty());
    let mut known = Vec::new();
    with_secrets(old.rest, |name, value| {
        known.push((name.to_owned(), value.to_owned()));
        String::new()
    });
    let rest = with_secrets(new.rest, |name, value| {
        let old = known.iter().find(|(known, _)| known == name).filter(|_| same && value == HIDDEN);
        old.map_or(value, |(_, value)| value).to_owned()
    });
    let at = user.map(|user| format!("{user}@")).unwrap_or_default();
    format!("{}://{at}{}{rest}", new.scheme, new.host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_secret_is_shown() {
        for (whole, shown) in [
            ("http://me:secret@cam/snap.jpg?w=640", "http://cam/snap.jpg?w=640"),
            ("http://me:p@ss@cam:8080", "http://cam:8080"),
            ("http://cam/snap.cgi?user=me&pwd=secret&ch=1", "http://cam/snap.cgi?user=***&pwd=***&ch=1"),
            ("http://cam/user=me_password=x_channel=1&s", "http://cam/user=***&s"),
            ("http://cam/x?loginuse=a&LoginPas=b#key=c", "http://cam/x?loginuse=***&LoginPas=***#key=***"),
            ("http://cam/x?action=stream", "http://cam/x?action=stream"),
            ("me:secret@cam", "cam"),
            ("", ""),
        ] {
            assert_eq!(shown_address(whole), shown, "{whole}");
            assert_eq!(shown_address(shown), shown, "what is shown hides no more");
        }
    }

    #[test]
    fn what_is_hidden_is_kept_for_the_same_host_only() {
        let before = "http://me:secret@cam:80/a?pwd=x&n=1";
        for (given, whole) in [
            ("http://cam:80/a?pwd=***&n=1", before),
            ("http://CAM:80/b?n=2", "http://me:secret@CAM:80/b?n=2"),
            ("http://you:new@cam:80/a", "http://you:new@cam:80/a"),
            ("http://@cam:80/a", "http://cam:80/a"),
            ("http://evil/a?pwd=***", "http://evil/a?pwd=***"),
            ("http://cam:81/a?pwd=***", "http://cam:81/a?pwd=***"),
            ("nonsense", "nonsense"),
        ] {
            assert_eq!(whole_address(given, before), whole, "{given}");
        }
    }
}
