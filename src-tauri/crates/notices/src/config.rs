//! What a person entered for a service, read and checked.

use crate::apprise;
use crate::channel::{Channel, Mail, Security, http_url, topic};
use crate::services::service;
use serde_json::{Map, Value};
use url::Url;

/// Longest value of a field, characters.
const LONGEST: usize = 2000;

/// What is common to all services, in `config` beside the service's own fields.
const COMMON: [&str; 3] = ["printers", "quiet_from", "quiet_to"];

/// Reads the whole `config` of a setting, secrets included.
///
/// # Errors
/// A sentence that says what is missing or wrong.
pub(crate) fn read(name: &str, config: &Value) -> Result<Channel, String> {
    let known = service(name).ok_or_else(|| format!("there is no service called {name:?}"))?;
    let config = config.as_object().ok_or("config is an object")?;
    check_common(config)?;
    for key in config.keys() {
        if !COMMON.contains(&key.as_str()) && known.fields.iter().all(|field| field.name != key) {
            return Err(format!("{} has no field {key:?}", known.label));
        }
    }
    for field in known.fields {
        let value = text(config, field.name)?;
        if field.required && value.is_empty() {
            return Err(format!("{}: {} is missing", known.label, field.label));
        }
        if !value.is_empty() && !field.choices.is_empty() && !field.choices.contains(&value) {
            return Err(format!("{}: {} is one of {}", known.label, field.label, field.choices.join(", ")));
        }
    }
    let get = |key: &str| text(config, key).unwrap_or_default().to_owned();
    let some = |key: &str| Some(get(key)).filter(|value| !value.is_empty());
    Ok(match name {
        "ntfy" => Channel::Ntfy {
            server: server(&get("server"), "https://ntfy.sh")?,
            topic: topic(&get("topic"))?,
            token: some("token"),
        },
        "telegram" => Channel::Telegram {
            server: server(&get("server"), "https://api.telegram.org")?,
            token: plain_word(&get("token"), "the bot token")?,
            chat_id: get("chat_id"),
        },
        "discord" => Channel::Discord { url: http_url(&get("webhook_url"))? },
        "pushover" => Channel::Pushover {
            server: server(&get("server"), "https://api.pushover.net")?,
            token: get("token"),
            user_key: get("user_key"),
        },
        "email" => Channel::Email(mail(&get)?),
        "webhook" => Channel::Webhook { url: http_url(&get("url"))?, template: some("template") },
        "apprise" => apprise::read(&get("apprise_url"))?,
        _ => return Err(format!("there is no service called {name:?}")),
    })
}

/// Returns a field as text; an absent one is empty. Blanks around it are no part of it.
fn text<'a>(config: &'a Map<String, Value>, key: &str) -> Result<&'a str, String> {
    let value = match config.get(key) {
        None | Some(Value::Null) => "",
        Some(Value::String(value)) => value.trim(),
        Some(_) => return Err(format!("{key} is a text")),
    };
    if value.chars().count() > LONGEST {
        return Err(format!("{key} has at most {LONGEST} characters"));
    }
    if key != "template" && value.chars().any(char::is_control) {
        return Err(format!("{key} has characters that cannot be typed"));
    }
    Ok(value)
}

fn check_common(config: &Map<String, Value>) -> Result<(), String> {
    for key in ["quiet_from", "quiet_to"] {
        let value = text(config, key)?;
        if !value.is_empty() && crate::quiet::minutes(value).is_none() {
            return Err("quiet hours are given like 22:00".into());
        }
    }
    if text(config, "quiet_from")?.is_empty() != text(config, "quiet_to")?.is_empty() {
        return Err("quiet hours have a beginning and an end".into());
    }
    match config.get("printers") {
        None | Some(Value::Null) => Ok(()),
        Some(Value::Array(ids)) if ids.iter().all(Value::is_i64) => Ok(()),
        Some(_) => Err("printers is a list of printers' numbers".into()),
    }
}

fn server(given: &str, usual: &str) -> Result<Url, String> {
    http_url(if given.is_empty() { usual } else { given })
}

/// Reads what becomes a part of an address.
fn plain_word(given: &str, what: &str) -> Result<String, String> {
    if given.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b':' | b'_' | b'-')) {
        Ok(given.to_owned())
    } else {
        Err(format!("{what} has letters, digits, :, - and _ only"))
    }
}

fn mail(get: &impl Fn(&str) -> String) -> Result<Mail, String> {
    let port = match &*get("port") {
        "" => None,
        port => Some(port.parse().map_err(|_| format!("{port:?} is no port"))?),
    };
    let security = match &*get("security") {
        "none" => Security::None,
        "starttls" => Security::StartTls,
        _ => Security::Tls,
    };
    let login = Some((get("username"), get("password"))).filter(|(name, _)| !name.is_empty());
    let to: Vec<String> =
        get("to").split(',').map(|one| one.trim().to_owned()).filter(|one| !one.is_empty()).collect();
    let mail = Mail { server: get("server"), port, security, login, from: get("from"), to };
    mail.check()?;
    Ok(mail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_missing_wrong_or_unknown_is_said_in_a_sentence() {
        let wrong = |name: &str, config: Value| read(name, &config).unwrap_err();
        assert_eq!(wrong("fax", json!({})), "there is no service called \"fax\"");
        assert_eq!(wrong("ntfy", json!({})), "ntfy: Topic is missing");
        assert_eq!(wrong("ntfy", json!({"topic": "a/b"})), "a topic has at most 64 letters, digits, - and _");
        assert_eq!(wrong("ntfy", json!({"topic": "a", "colour": "red"})), "ntfy has no field \"colour\"");
        assert_eq!(wrong("ntfy", json!({"topic": 5})), "topic is a text");
        assert_eq!(
            wrong("discord", json!({"webhook_url": "file:///etc/passwd"})),
            "only http:// and https:// work, not file://"
        );
        assert_eq!(
            wrong("telegram", json!({"token": "1:a/../b", "chat_id": "5"})),
            "the bot token has letters, digits, :, - and _ only"
        );
        assert!(wrong("webhook", json!({"url": "http://a\nHost: b"})).contains("cannot be typed"));
        assert_eq!(
            wrong("ntfy", json!({"topic": "a", "quiet_from": "22:00"})),
            "quiet hours have a beginning and an end"
        );
        assert_eq!(
            wrong("ntfy", json!({"topic": "a", "quiet_from": "25:00", "quiet_to": "7:00"})),
            "quiet hours are given like 22:00"
        );
        let mail = json!({"server": "a.example", "from": "a@b.c", "to": "d@e.f", "username": "u", "security": "none"});
        assert_eq!(wrong("email", mail), "a password is not sent without TLS or STARTTLS");
        let mail = json!({"server": "a.example", "from": "a@b.c", "to": "nobody"});
        assert_eq!(wrong("email", mail), "\"nobody\" is no e-mail address");
    }

    #[test]
    fn empty_fields_take_their_usual_value() {
        let ntfy = read("ntfy", &json!({"topic": " p-1 ", "server": "", "printers": [1]})).expect("read");
        let server = Url::parse("https://ntfy.sh").expect("an address");
        assert_eq!(ntfy, Channel::Ntfy { server, topic: "p-1".into(), token: None });
        let mail = json!({"server": "m.example", "from": "P <a@b.c>", "to": "d@e.f, g@h.i"});
        let Ok(Channel::Email(mail)) = read("email", &mail) else { panic!("no mail") };
        assert_eq!((mail.security, mail.port, mail.to.len()), (Security::Tls, None, 2));
    }
}
