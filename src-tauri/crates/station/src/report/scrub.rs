//! Takes out of a text what is nobody else's business: keys and passwords, addresses, the person's name and home.
//!
//! What is known to be secret goes wherever it stands. What only looks like it goes, too: better a word too many than a key
//! in a stranger's mailbox.

use serde_json::Value;
use std::net::IpAddr;

const SECRET: &str = "[secret]";
const ADDRESS: &str = "[address]";

/// Words before `=` or `:` whose value is secret, or says where something is.
const KEYS: [&str; 10] = [
    "password",
    "passwd",
    "token",
    "secret",
    "bearer",
    "authorization",
    "api_key",
    "apikey",
    "x-api-key",
    "host",
];
/// Fields of records that are left out whole: what they hold is secret, or says where something is.
const FIELDS: [&str; 12] = [
    "token", "password", "secret", "key", "url", "address", "host", "topic", "mail", "serial", "user",
    "data_dir",
];
/// A key is a run of at least so many letters and digits.
const KEY_CHARS: usize = 20;
/// Anything shorter may be part of a usual word.
const SHORTEST_SECRET: usize = 4;

/// What stands for what is known, until a line is done: characters that nobody uses, and that part no word, so that an
/// address stays whole with a name in it.
const MARKS: [(char, &str); 4] =
    [('\u{e000}', SECRET), ('\u{e001}', "~"), ('\u{e002}', "[computer]"), ('\u{e003}', "[user]")];

/// What is known of this computer and its secrets.
#[derive(Debug, Default)]
pub(super) struct Scrub {
    /// What is marked by what; the longest first.
    known: Vec<(String, char)>,
}

impl Scrub {
    /// Takes what is known to be secret, and whose computer it is.
    pub(super) fn new(secrets: &[String], home: &str, user: &str, host: &str) -> Self {
        let [secret, at_home, computer, person] = MARKS.map(|(mark, _)| mark);
        let mut known: Vec<(String, char)> = secrets.iter().map(|text| (text.clone(), secret)).collect();
        known.push((home.trim_end_matches('/').into(), at_home));
        known.push((host.into(), computer));
        // A name that programs have, too, tells nothing and would be taken out everywhere.
        if !["root", "user", "printvigil", "vigil", "marlin"].contains(&user) {
            known.push((user.into(), person));
        }
        known.retain(|(text, _)| text.len() >= SHORTEST_SECRET);
        known.sort_by_key(|(text, _)| std::cmp::Reverse(text.len()));
        Self { known }
    }

    /// Returns a text without it.
    pub(super) fn text(&self, text: &str) -> String {
        text.lines().map(|line| self.line(line) + "\n").collect()
    }

    /// Takes it out of a record.
    pub(super) fn value(&self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.line(text),
            Value::Array(all) => all.iter_mut().for_each(|one| self.value(one)),
            Value::Object(fields) => {
                for (name, field) in fields {
                    let private = name.split('_').any(|part| FIELDS.contains(&part));
                    if private && (field.is_string() || field.is_object() || field.is_array()) {
                        *field = "[left out]".into();
                    } else {
                        self.value(field);
                    }
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => (),
        }
    }

    fn line(&self, line: &str) -> String {
        let mut line = line.replace(MARKS.map(|(mark, _)| mark), "?");
        for (known, mark) in &self.known {
            line = line.replace(known.as_str(), mark.encode_utf8(&mut [0; 4]));
        }
        let mut line = scrubbed_line(&line);
        for (mark, instead) in MARKS {
            line = line.replace(mark, instead);
        }
        line
    }
}

/// Goes through a line word by word.
fn scrubbed_line(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut secret_follows = false;
    let mut rest = line;
    while !rest.is_empty() {
        let word_len = rest.find(is_between).unwrap_or(rest.len());
        if word_len == 0 {
            let between = rest.chars().next().map_or(1, char::len_utf8);
            out.push_str(&rest[..between]);
            rest = &rest[between..];
            continue;
        }
        let mut word = &rest[..word_len];
        if secret_follows && !is_scheme(word) && word.contains(char::is_alphanumeric) {
            // In quotes it may have spaces.
            let quote = out.chars().last().filter(|last| ['"', '\''].contains(last));
            word = quote.and_then(|quote| rest.split(quote).next()).unwrap_or(word);
            rest = &rest[word.len()..];
            out.push_str(SECRET);
            secret_follows = false;
            continue;
        }
        rest = &rest[word_len..];
        out.push_str(&scrubbed(word));
        secret_follows = secret_follows || is_key(word, rest);
    }
    out
}

/// What stands between words: not what may be inside an address or a key.
fn is_between(c: char) -> bool {
    c.is_whitespace() || "\"'`(){}[]<>,;=|&?#".contains(c)
}

/// `Bearer` and `Basic` announce the secret.
fn is_scheme(word: &str) -> bool {
    ["bearer", "basic"].contains(&word.to_ascii_lowercase().as_str())
}

/// Whether the value that follows is secret: `token=…`, `"password": "…"`, `Authorization: Bearer …`.
fn is_key(word: &str, rest: &str) -> bool {
    let colon = word.ends_with(':') || rest.trim_start_matches(['"', '\'']).starts_with([':', '=']);
    let name = word.trim_end_matches(':').to_ascii_lowercase();
    (colon || is_scheme(&name)) && KEYS.iter().any(|key| name == *key || name.ends_with(&format!("_{key}")))
}

fn scrubbed(word: &str) -> String {
    if let Some((scheme, _)) = word.split_once("://") {
        return format!("{scheme}://{ADDRESS}");
    }
    if word.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.')) {
        return "[mail]".into();
    }
    let bare = word.trim_end_matches(['.', ':', '!']);
    if is_address(bare) {
        return format!("{ADDRESS}{}", &word[bare.len()..]);
    }
    // A value right behind its name: `token:abc`.
    if let Some((name, value)) = word.split_once(':')
        && !value.is_empty()
        && is_key(&format!("{name}:"), "")
    {
        return format!("{name}:{SECRET}");
    }
    if bare.split(['/', '.', ':', '@', '%', '\\']).any(looks_like_key) { SECRET.into() } else { word.into() }
}

/// An address of the network with or without a port, a name in the home network, or a number of a network card.
fn is_address(word: &str) -> bool {
    let host =
        word.rsplit_once(':').filter(|(_, port)| port.parse::<u16>().is_ok()).map_or(word, |(host, _)| host);
    let host = host.split('/').next().unwrap_or_default();
    let card = word.split([':', '-']).filter(|part| part.len() == 2 && u8::from_str_radix(part, 16).is_ok());
    let colons = word.matches(':').count();
    host.parse::<IpAddr>().is_ok()
        || (colons >= 2 && word.split('%').next().is_some_and(|word| word.parse::<IpAddr>().is_ok()))
        || (word.len() == 17 && card.count() == 6)
        || [".local", ".lan", ".home", ".internal", ".fritz.box"].iter().any(|end| host.ends_with(end))
}

/// Letters and digits without an end, as nobody types them.
fn looks_like_key(part: &str) -> bool {
    part.split(['-', '_', '+', '~']).any(|run| {
        run.len() >= KEY_CHARS
            && run.chars().all(|c| c.is_ascii_alphanumeric())
            && run.chars().any(|c| c.is_ascii_digit())
            && run.chars().any(|c| c.is_ascii_alphabetic())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scrub() -> Scrub {
        Scrub::new(&["hunter2".into(), "pa ss".into()], "/srv/anna", "anna", "anna-pc")
    }

    #[test]
    fn what_is_secret_or_says_where_somebody_is_goes() {
        for (text, left) in [
            ("GET /?token=abc123 failed", "GET /?token=[secret] failed"),
            ("Authorization: Bearer abc.def", "Authorization: Bearer [secret]"),
            ("{\"password\":\"x y\"}", "{\"password\":\"[secret]\"}"),
            ("api_key: k1", "api_key: [secret]"),
            ("token:abc", "token:[secret]"),
            ("camera http://anna:pw@192.168.1.7/x.jpg?k=1 is gone", "camera http://[address]?k=1 is gone"),
            ("peer=192.168.178.20:51234 left", "peer=[address] left"),
            ("at 10.0.0.4.", "at [address]."),
            ("from fe80::1ff:fe23:4567:890a and 2001:db8::7", "from [address] and [address]"),
            ("octopi.local said no", "[address] said no"),
            ("card b8:27:eb:12:34:56", "card [address]"),
            ("mail to anna@example.org", "mail to [mail]"),
            ("/srv/anna/.local/share/printvigil/core.log", "~/.local/share/printvigil/core.log"),
            ("anna-pc printed for anna", "[computer] printed for [user]"),
            ("the password hunter2 and pa ss", "the password [secret] and [secret]"),
            ("key 820ed26889b0280dc31a350247a8525f", "key [secret]"),
            ("/x/e90bbd85ba1678540bd3/y", "[secret]"),
        ] {
            assert_eq!(scrub().text(text), format!("{left}\n"), "of {text:?}");
        }
    }

    #[test]
    fn what_helps_stays() {
        for text in [
            "2026-11-30T21:58:39.582725Z  INFO printer{id=1}: a link was opened baud=115200",
            "N123 G1 X10.5 Y20 E0.03*45",
            "ok T:210.4 /210.0 B:60.0 /60.0 @:127 B@:12",
            "FIRMWARE_NAME:Marlin 2.1.2 (Nov 11 2026) SOURCE_CODE_URL: PROTOCOL_VERSION:1.0",
            "/dev/ttyUSB0 usb 1a86:7523, at 12:34:56",
            "station::main_loop::state src/main_loop/state.rs:349:17 v0.1.0",
            "the token is wrong; no password was given",
            "benchy_0.2mm_PLA_MK3S_2h13m.gcode",
        ] {
            assert_eq!(scrub().text(text), format!("{text}\n"));
        }
    }

    #[test]
    fn records_lose_what_is_private_and_keep_the_rest() {
        let mut value = serde_json::json!({
            "name": "Ender", "auth_token": "x", "pic": {"img_url": "/a.jpg"}, "camera": {"url": "http://a", "rotate": 90},
            "serial": null, "notes": ["call anna", 3], "tools_off_on_pause": true, "keyframe": 7
        });
        scrub().value(&mut value);
        assert_eq!(
            value,
            serde_json::json!({
                "name": "Ender", "auth_token": "[left out]", "pic": {"img_url": "[left out]"},
                "camera": {"url": "[left out]", "rotate": 90}, "serial": null, "notes": ["call [user]", 3],
                "tools_off_on_pause": true, "keyframe": 7
            })
        );
    }
}
