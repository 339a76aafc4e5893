//! Addresses as Apprise writes them, of the services that are known here.

use crate::channel::{Channel, Mail, Security, http_url, topic};
use url::Url;

/// Reads such an address. Forms: <https://github.com/caronc/apprise/wiki>.
///
/// # Errors
/// A sentence that says what is wrong.
pub(crate) fn read(given: &str) -> Result<Channel, String> {
    let (scheme, rest) = given.split_once("://").ok_or("an Apprise URL begins like ntfys://")?;
    match scheme.to_ascii_lowercase().as_str() {
        "ntfy" => ntfy("http", rest),
        "ntfys" => ntfy("https", rest),
        "tgram" => telegram(rest),
        "discord" => discord(rest),
        "pover" => pushover(rest),
        "json" => webhook("http", rest),
        "jsons" => webhook("https", rest),
        "mailto" => mail(Security::StartTls, rest),
        "mailtos" => mail(Security::Tls, rest),
        other => {
            Err(format!("{other}:// is not known here; ntfy, tgram, discord, pover, mailto and json are"))
        }
    }
}

fn parsed(rest: &str) -> Result<Url, String> {
    // The parser knows hosts and ports of schemes that it knows only.
    Url::parse(&format!("http://{rest}")).map_err(|error| format!("this is no Apprise URL: {error}"))
}

fn query(url: &Url, key: &str) -> Option<String> {
    url.query_pairs().find(|(name, _)| name == key).map(|(_, value)| value.into_owned())
}

fn ntfy(scheme: &str, rest: &str) -> Result<Channel, String> {
    let url = parsed(rest)?;
    let below = url.path_segments().into_iter().flatten().find(|part| !part.is_empty()).map(decoded);
    let (server, given) = match below {
        Some(given) => (plain(&url, scheme)?, given),
        // A topic alone is one of the public server.
        None => (http_url("https://ntfy.sh")?, raw_host(rest)),
    };
    let token = Some(decoded(url.username())).filter(|token| !token.is_empty());
    Ok(Channel::Ntfy { server, topic: topic(&given)?, token: token.or_else(|| query(&url, "token")) })
}

/// The token stands where a host would, with a colon that begins no port: `tgram://123:ABC/chat`.
fn telegram(rest: &str) -> Result<Channel, String> {
    let mut words = before_query(rest).split('/').filter(|word| !word.is_empty());
    let is_token = |word: &str| word.bytes().all(|b| b.is_ascii_alphanumeric() || b":_-".contains(&b));
    match (words.next(), words.next()) {
        (Some(token), Some(chat)) if is_token(token) => Ok(Channel::Telegram {
            server: http_url("https://api.telegram.org")?,
            token: token.to_owned(),
            chat_id: decoded(chat),
        }),
        _ => Err("tgram:// is followed by the bot token and the chat: tgram://TOKEN/CHAT".into()),
    }
}

fn discord(rest: &str) -> Result<Channel, String> {
    let mut words = before_query(rest).split('/').filter(|word| !word.is_empty());
    match (words.next(), words.next()) {
        (Some(id), Some(token)) => {
            let id = id.rsplit_once('@').map_or(id, |(_, id)| id);
            Ok(Channel::Discord { url: http_url(&format!("https://discord.com/api/webhooks/{id}/{token}"))? })
        }
        _ => Err("discord:// is followed by the webhook's number and token".into()),
    }
}

fn pushover(rest: &str) -> Result<Channel, String> {
    let words = before_query(rest).split('/').next().unwrap_or_default().split_once('@');
    match words.filter(|(user_key, token)| !user_key.is_empty() && !token.is_empty()) {
        Some((user_key, token)) => Ok(Channel::Pushover {
            server: http_url("https://api.pushover.net")?,
            token: token.to_owned(),
            user_key: user_key.to_owned(),
        }),
        None => Err("pover:// is followed by the user key and the token: pover://USER@TOKEN".into()),
    }
}

fn webhook(scheme: &str, rest: &str) -> Result<Channel, String> {
    Ok(Channel::Webhook { url: http_url(&format!("{scheme}://{rest}"))?, template: None })
}

fn mail(usual: Security, rest: &str) -> Result<Channel, String> {
    let url = parsed(rest)?;
    let host = url.host_str().unwrap_or_default().to_owned();
    let name = decoded(url.username());
    let own = if name.contains('@') { name } else { format!("{name}@{host}") };
    let password = url.password().map(decoded).unwrap_or_default();
    let login = Some((query(&url, "user").unwrap_or_else(|| own.clone()), password));
    let mail = Mail {
        server: query(&url, "smtp").unwrap_or(host),
        port: url.port(),
        security: match query(&url, "mode").as_deref() {
            Some("starttls") => Security::StartTls,
            Some("ssl") => Security::Tls,
            Some("insecure") => Security::None,
            _ => usual,
        },
        login: login.filter(|(_, password)| !password.is_empty()),
        from: query(&url, "from").filter(|from| from.contains('@')).unwrap_or_else(|| own.clone()),
        to: query(&url, "to").unwrap_or(own).split(',').map(|one| one.trim().to_owned()).collect(),
    };
    mail.check()?;
    Ok(Channel::Email(mail))
}

fn before_query(rest: &str) -> &str {
    rest.split('?').next().unwrap_or_default()
}

/// Returns what stands where a host would, its letters' case kept.
fn raw_host(rest: &str) -> String {
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let host = &rest[..end];
    decoded(host.rsplit_once('@').map_or(host, |(_, host)| host))
}

/// Returns the host and port of an address, without names, path and query.
fn plain(url: &Url, scheme: &str) -> Result<Url, String> {
    let host = url.host_str().unwrap_or_default();
    // Port 80 is left out by the parser, since it took the scheme for HTTP.
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    http_url(&format!("{scheme}://{host}{port}"))
}

/// Resolves `%40` and the like; what is none stays.
fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_known_form_is_read() {
        let url = |text: &str| Url::parse(text).expect("an address");
        let ntfy = |server: &str, topic: &str, token: Option<&str>| Channel::Ntfy {
            server: url(server),
            topic: topic.into(),
            token: token.map(Into::into),
        };
        assert_eq!(read("ntfy://MyTopic"), Ok(ntfy("https://ntfy.sh", "MyTopic", None)));
        assert_eq!(
            read("ntfys://tk_1@ntfy.home:8443/top"),
            Ok(ntfy("https://ntfy.home:8443", "top", Some("tk_1")))
        );
        assert_eq!(read("ntfy://ntfy.home/top"), Ok(ntfy("http://ntfy.home", "top", None)));
        let telegram = Channel::Telegram {
            server: url("https://api.telegram.org"),
            token: "123:AbC".into(),
            chat_id: "-100".into(),
        };
        assert_eq!(read("tgram://123:AbC/-100/"), Ok(telegram));
        let discord = Channel::Discord { url: url("https://discord.com/api/webhooks/12/aBc") };
        assert_eq!(read("discord://12/aBc"), Ok(discord));
        let pushover = Channel::Pushover {
            server: url("https://api.pushover.net"),
            token: "Tok".into(),
            user_key: "Usr".into(),
        };
        assert_eq!(read("pover://Usr@Tok"), Ok(pushover));
        let webhook = Channel::Webhook { url: url("https://h.example/x?y=1"), template: None };
        assert_eq!(read("jsons://h.example/x?y=1"), Ok(webhook));
        let Ok(Channel::Email(mail)) =
            read("mailtos://me:p%40ss@mail.example?smtp=smtp.mail.example&to=you@b.c")
        else {
            panic!("no mail")
        };
        assert_eq!((mail.server.as_str(), mail.security), ("smtp.mail.example", Security::Tls));
        assert_eq!(mail.login, Some(("me@mail.example".into(), "p@ss".into())));
        assert_eq!((mail.from.as_str(), mail.to), ("me@mail.example", vec!["you@b.c".to_owned()]));
    }

    #[test]
    fn what_is_no_such_address_is_said() {
        for wrong in
            ["ntfy", "tgram://", "tgram://a b/5", "discord://12", "pover://a", "mailto://", "slack://a/b"]
        {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
