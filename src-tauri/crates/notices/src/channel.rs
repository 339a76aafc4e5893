//! A service that can be sent to, and what every way to name one has to hold to.

use url::Url;

/// A service that can be sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Channel {
    Ntfy { server: Url, topic: String, token: Option<String> },
    Telegram { server: Url, token: String, chat_id: String },
    Discord { url: Url },
    Pushover { server: Url, token: String, user_key: String },
    Email(Mail),
    Webhook { url: Url, template: Option<String> },
}

/// A mail server and whom to write to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mail {
    pub(crate) server: String,
    pub(crate) port: Option<u16>,
    pub(crate) security: Security,
    /// Name and password.
    pub(crate) login: Option<(String, String)>,
    pub(crate) from: String,
    pub(crate) to: Vec<String>,
}

/// How the connection to a mail server is kept from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Security {
    Tls,
    StartTls,
    None,
}

impl Mail {
    /// Checks what no form can.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub(crate) fn check(&self) -> Result<(), String> {
        if self.login.is_some() && self.security == Security::None && !is_here(&self.server) {
            return Err("a password is not sent without TLS or STARTTLS".into());
        }
        for address in self.to.iter().chain([&self.from]) {
            address
                .parse::<lettre::message::Mailbox>()
                .map_err(|_| format!("{address:?} is no e-mail address"))?;
        }
        Ok(())
    }
}

/// Reads the address of a page that is asked by HTTP.
pub(crate) fn http_url(given: &str) -> Result<Url, String> {
    let url = Url::parse(given).map_err(|error| format!("{given:?} is no address: {error}"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!("only http:// and https:// work, not {}://", url.scheme()));
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err(format!("{given:?} names no computer"));
    }
    Ok(url)
}

/// Reads ntfy's topic.
pub(crate) fn topic(given: &str) -> Result<String, String> {
    let fits = given.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-') && given.len() <= 64;
    if fits { Ok(given.to_owned()) } else { Err("a topic has at most 64 letters, digits, - and _".into()) }
}

/// Returns whether a server runs on this computer: nothing is sent over a network then.
fn is_here(server: &str) -> bool {
    server.eq_ignore_ascii_case("localhost")
        || server.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}
