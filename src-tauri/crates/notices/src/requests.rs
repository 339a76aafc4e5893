//! How each service wants to be asked: one HTTP request for one message.

use crate::channel::Channel;
use crate::message::Facts;
use domain::MessageTopic;
use serde_json::{Value, json};
use url::Url;

/// Longest texts that the services take, characters: Telegram's caption, Discord's content, Pushover's message.
const TELEGRAM_CAPTION: usize = 1024;
const DISCORD_CONTENT: usize = 2000;
const PUSHOVER_MESSAGE: usize = 1024;

/// A POST request.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Outgoing {
    pub(crate) url: Url,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) content_type: String,
    pub(crate) body: Vec<u8>,
}

/// What is to be said.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Said<'a> {
    pub(crate) topic: MessageTopic,
    pub(crate) title: &'a str,
    pub(crate) text: &'a str,
    pub(crate) facts: &'a Facts,
    /// When it happened, RFC 3339.
    pub(crate) time: &'a str,
    /// JPEG.
    pub(crate) picture: Option<&'a [u8]>,
}

/// Returns the request that a service wants; none for mail, which is no HTTP. `boundary` stands between the parts of a
/// body and must not occur in any of them.
pub(crate) fn request(channel: &Channel, said: Said<'_>, boundary: &str) -> Option<Outgoing> {
    let both = format!("{}\n{}", said.title, said.text);
    match channel {
        Channel::Ntfy { server, topic, token } => Some(ntfy(server, topic, token.as_deref(), said)),
        Channel::Telegram { server, token, chat_id } => {
            let method = if said.picture.is_some() { "sendPhoto" } else { "sendMessage" };
            let field = if said.picture.is_some() { "caption" } else { "text" };
            let url = below(server, &format!("bot{token}/{method}"));
            let mut form = Form::new(boundary);
            form.text("chat_id", chat_id).text(field, &cut(&both, TELEGRAM_CAPTION));
            if let Some(picture) = said.picture {
                form.file("photo", picture);
            }
            Some(form.to(url))
        }
        Channel::Discord { url } => {
            let mut url = url.clone();
            // Without it Discord answers before it has taken the message.
            url.query_pairs_mut().append_pair("wait", "true");
            let content = cut(&format!("**{}**\n{}", said.title, said.text), DISCORD_CONTENT);
            // A file name or a printer's text that says @everyone calls nobody.
            let payload = json!({"content": content, "allowed_mentions": {"parse": []}});
            let mut form = Form::new(boundary);
            form.text("payload_json", &payload.to_string());
            if let Some(picture) = said.picture {
                form.file("files[0]", picture);
            }
            Some(form.to(url))
        }
        Channel::Pushover { server, token, user_key } => {
            let mut form = Form::new(boundary);
            form.text("token", token)
                .text("user", user_key)
                .text("title", said.title)
                .text("message", &cut(said.text, PUSHOVER_MESSAGE))
                .text("priority", if said.topic == MessageTopic::Failure { "1" } else { "0" });
            if let Some(picture) = said.picture {
                form.file("attachment", picture);
            }
            Some(form.to(below(server, "1/messages.json")))
        }
        Channel::Webhook { url, template } => Some(webhook(url, template.as_deref(), said)),
        Channel::Email(_) => None,
    }
}

/// Returns an address below a server's.
fn below(server: &Url, path: &str) -> Url {
    let mut url = server.clone();
    url.set_query(None);
    url.set_path(&format!("{}/{path}", server.path().trim_end_matches('/')));
    url
}

fn ntfy(server: &Url, topic: &str, token: Option<&str>, said: Said<'_>) -> Outgoing {
    let mut url = below(server, topic);
    // In the address, since a header carries no letters beyond ASCII.
    let priority = if said.topic == MessageTopic::Failure {
        "5"
    } else if said.topic.is_urgent() {
        "4"
    } else {
        "3"
    };
    url.query_pairs_mut().append_pair("title", said.title).append_pair("priority", priority);
    let headers = token.map(|token| ("authorization", format!("Bearer {token}"))).into_iter().collect();
    match said.picture {
        Some(picture) => {
            url.query_pairs_mut().append_pair("message", said.text).append_pair("filename", "printer.jpg");
            Outgoing { url, headers, content_type: "image/jpeg".into(), body: picture.to_vec() }
        }
        None => {
            Outgoing { url, headers, content_type: "text/plain".into(), body: said.text.as_bytes().to_vec() }
        }
    }
}

fn webhook(url: &Url, template: Option<&str>, said: Said<'_>) -> Outgoing {
    let secs = |time: domain::Timestamp| json!(time.micros() as f64 / 1e6);
    let facts = said.facts;
    let body = match template {
        Some(template) => filled(template, said),
        None => json!({
            "event": {
                "type": facts.event,
                "is_warning": facts.is_warning,
                "print_paused": facts.print_paused,
                "title": said.title,
                "text": said.text,
            },
            "printer": {"name": facts.printer_name},
            "print": facts.print.as_ref().map(|print| json!({
                "id": print.id,
                "filename": print.filename,
                "started_at": secs(print.started_at),
                "ended_at": print.ended_at.map_or(json!(""), secs),
            })),
            // There is no address at which the service could see it.
            "img_url": "",
        })
        .to_string(),
    };
    let is_json = serde_json::from_str::<Value>(&body).is_ok();
    let content_type = if is_json { "application/json" } else { "text/plain; charset=utf-8" };
    Outgoing {
        url: url.clone(),
        headers: Vec::new(),
        content_type: content_type.into(),
        body: body.into_bytes(),
    }
}

/// Fills a template. In one that is JSON each value goes where a text stands, and nothing in it can end that text.
fn filled(template: &str, said: Said<'_>) -> String {
    let file = said.facts.print.as_ref().map_or("", |print| &print.filename);
    let values = [
        ("title", said.title),
        ("text", said.text),
        ("type", &said.facts.event),
        ("printer", &said.facts.printer_name),
        ("file", file),
        ("time", said.time),
    ];
    // With all values empty it is what the person wrote.
    let blank = replaced(template, |_| Some(String::new()));
    let is_json = serde_json::from_str::<Value>(&blank).is_ok();
    replaced(template, |name| {
        let (_, value) = values.iter().find(|(known, _)| *known == name)?;
        if !is_json {
            return Some((*value).to_owned());
        }
        let quoted = Value::from(*value).to_string();
        Some(quoted[1..quoted.len() - 1].to_owned())
    })
}

/// Replaces each `{{name}}`, in one pass: what is filled in is not looked at again. An unknown name stays.
fn replaced(template: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once("{{") {
        text.push_str(before);
        match behind.split_once("}}") {
            Some((name, after)) => {
                match value(name.trim()) {
                    Some(value) => text.push_str(&value),
                    None => text.push_str(&format!("{{{{{name}}}}}")),
                }
                rest = after;
            }
            None => {
                text.push_str("{{");
                rest = behind;
            }
        }
    }
    text + rest
}

fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

/// A body in parts (RFC 7578).
struct Form<'a> {
    boundary: &'a str,
    body: Vec<u8>,
}

impl<'a> Form<'a> {
    fn new(boundary: &'a str) -> Self {
        Self { boundary, body: Vec::new() }
    }

    fn text(&mut self, name: &str, value: &str) -> &mut Self {
        self.part(&format!("name=\"{name}\""), value.as_bytes())
    }

    fn file(&mut self, name: &str, jpeg: &[u8]) -> &mut Self {
        let head = format!("name=\"{name}\"; filename=\"printer.jpg\"\r\nContent-Type: image/jpeg");
        self.part(&head, jpeg)
    }

    fn part(&mut self, head: &str, value: &[u8]) -> &mut Self {
        let head = format!("--{}\r\nContent-Disposition: form-data; {head}\r\n\r\n", self.boundary);
        self.body.extend_from_slice(head.as_bytes());
        self.body.extend_from_slice(value);
        self.body.extend_from_slice(b"\r\n");
        self
    }

    fn to(mut self, url: Url) -> Outgoing {
        self.body.extend_from_slice(format!("--{}--\r\n", self.boundary).as_bytes());
        let content_type = format!("multipart/form-data; boundary={}", self.boundary);
        Outgoing { url, headers: Vec::new(), content_type, body: self.body }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn facts() -> Facts {
        Facts {
            event: "PrintFailure".into(),
            is_warning: true,
            print_paused: false,
            printer_name: "Ender \"3\"".into(),
            print: Some(crate::message::PrintFacts {
                id: 7,
                filename: "béné.gcode".into(),
                started_at: domain::Timestamp::from_micros(1_500_000),
                ended_at: None,
            }),
        }
    }

    fn asked(name: &str, config: Value, picture: Option<&[u8]>) -> (String, String, String) {
        let facts = facts();
        let said = Said {
            topic: MessageTopic::Failure,
            title: "Möglich: @everyone",
            text: "It says \"no\"\nand {{title}}",
            facts: &facts,
            time: "2026-11-30T12:00:00Z",
            picture,
        };
        let channel = crate::config::read(name, &config).expect("read");
        let out = request(&channel, said, "edge").expect("a request");
        (out.url.into(), out.content_type, String::from_utf8_lossy(&out.body).into_owned())
    }

    #[test]
    fn ntfy_takes_letters_of_all_kinds_in_its_address_and_the_picture_as_the_body() {
        let (url, kind, body) = asked("ntfy", json!({"topic": "t", "server": "http://n.example/sub/"}), None);
        assert_eq!(url, "http://n.example/sub/t?title=M%C3%B6glich%3A+%40everyone&priority=5");
        assert_eq!((kind.as_str(), body.starts_with("It says")), ("text/plain", true));
        let (url, kind, body) = asked("ntfy", json!({"topic": "t"}), Some(b"jpeg"));
        assert!(url.starts_with("https://ntfy.sh/t?") && url.contains("&message=It+says"), "{url}");
        assert_eq!((kind.as_str(), body.as_str()), ("image/jpeg", "jpeg"));
    }

    #[test]
    fn telegram_and_pushover_get_forms_with_the_picture_as_a_file() {
        let config = json!({"token": "1:a", "chat_id": "-5"});
        let (url, kind, body) = asked("telegram", config.clone(), Some(b"jpeg"));
        assert_eq!(url, "https://api.telegram.org/bot1:a/sendPhoto");
        assert_eq!(kind, "multipart/form-data; boundary=edge");
        assert!(
            body.contains("name=\"chat_id\"\r\n\r\n-5\r\n") && body.ends_with("jpeg\r\n--edge--\r\n"),
            "{body}"
        );
        assert!(asked("telegram", config, None).0.ends_with("/sendMessage"));
        let (url, _, body) = asked("pushover", json!({"token": "t", "user_key": "u"}), Some(b"jpeg"));
        assert_eq!(url, "https://api.pushover.net/1/messages.json");
        assert!(body.contains("name=\"attachment\"; filename=\"printer.jpg\""), "{body}");
    }

    #[test]
    fn a_text_that_names_everyone_calls_nobody_on_discord() {
        let (url, _, body) = asked("discord", json!({"webhook_url": "https://d.example/x"}), None);
        assert_eq!(url, "https://d.example/x?wait=true");
        assert!(body.contains("\"allowed_mentions\":{\"parse\":[]}"), "{body}");
    }

    #[test]
    fn a_webhook_gets_obicos_form() {
        let (_, kind, body) = asked("webhook", json!({"url": "http://h.example/"}), Some(b"jpeg"));
        let body: Value = serde_json::from_str(&body).expect("JSON");
        assert_eq!(kind, "application/json");
        assert_eq!(body["event"]["type"], "PrintFailure");
        assert_eq!(
            (&body["event"]["is_warning"], &body["event"]["print_paused"]),
            (&json!(true), &json!(false))
        );
        assert_eq!(
            body["print"],
            json!({"id": 7, "filename": "béné.gcode", "started_at": 1.5, "ended_at": ""})
        );
    }

    #[test]
    fn what_goes_into_a_template_of_json_cannot_leave_its_text() {
        let template = r#"{"a": "{{title}} {{ text }}", "b": "{{unknown}} {{printer}}"}"#;
        let config = json!({"url": "http://h.example/", "template": template});
        let (_, kind, body) = asked("webhook", config, None);
        let body: Value = serde_json::from_str(&body).expect("JSON");
        assert_eq!(kind, "application/json");
        // What is filled in is not looked at again.
        assert_eq!(body["a"], "Möglich: @everyone It says \"no\"\nand {{title}}");
        assert_eq!(body["b"], "{{unknown}} Ender \"3\"");
        let config = json!({"url": "http://h.example/", "template": "{{title}} at {{time}} {{"});
        let (_, kind, body) = asked("webhook", config, None);
        assert_eq!(kind, "text/plain; charset=utf-8");
        assert_eq!(body, "Möglich: @everyone at 2026-11-30T12:00:00Z {{");
    }
}
