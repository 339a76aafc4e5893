//! What a person sets: the broker, how to log in, and under which topics.

use domain::one_line;
use serde::{Deserialize, Serialize};

/// Longest name of a broker, bytes.
const LONGEST_HOST: usize = 253;
/// Longest user name or password, bytes.
const LONGEST_LOGIN: usize = 256;
/// Longest base topic or prefix, bytes.
const LONGEST_TOPIC: usize = 100;
/// Longest name of a machine, characters.
pub(crate) const LONGEST_MACHINE: usize = 60;

/// The settings, without the password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Whether there is a connection to the broker at all.
    pub enabled: bool,
    /// Name or address of the broker.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Encrypted; the broker's certificate has to be one that this computer trusts.
    pub tls: bool,
    /// Empty: without a login.
    pub user: String,
    /// Topics of ours begin with it.
    pub base_topic: String,
    /// Where Home Assistant looks for what it does not know yet.
    pub discovery_prefix: String,
    /// Whether prints may be paused, resumed and cancelled from there, by Home Assistant and by other Printvigils.
    pub buttons: bool,
    /// Whether the camera's pictures go there.
    pub pictures: bool,
    /// Whether Printvigils on other computers are shown here, and this one there.
    pub others: bool,
    /// What this computer is called there; empty: by its own name.
    pub machine: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            enabled: false,
            host: String::new(),
            port: 1883,
            tls: false,
            user: String::new(),
            base_topic: "printvigil".into(),
            discovery_prefix: "homeassistant".into(),
            buttons: true,
            pictures: true,
            others: false,
            machine: String::new(),
        }
    }
}

impl Settings {
    /// Says what cannot be used as it is.
    ///
    /// # Errors
    /// A sentence for people.
    pub(crate) fn check(&self, password: &str) -> Result<(), String> {
        if self.host.is_empty() {
            if self.enabled {
                return Err(
                    "Broker is missing: enter the name or address of the computer with the MQTT broker"
                        .into(),
                );
            }
        } else if self.host.contains("://") {
            return Err("Broker: enter the name or address alone, without mqtt://".into());
        } else if self.host.len() > LONGEST_HOST
            || !self.host.chars().all(|c| c.is_alphanumeric() || ".-_:".contains(c))
        {
            return Err("Broker: this is no name or address of a computer, such as 192.168.1.10".into());
        }
        if self.port == 0 {
            return Err("Port: a port is 1 to 65535; brokers have 1883, with TLS 8883".into());
        }
        for (what, text) in [("User", self.user.as_str()), ("Password", password)] {
            if text.len() > LONGEST_LOGIN || text.chars().any(char::is_control) {
                return Err(format!("{what}: at most {LONGEST_LOGIN} characters, in one line"));
            }
        }
        if self.user.is_empty() && !password.is_empty() {
            return Err("User is missing: a password needs one".into());
        }
        if self.machine.chars().count() > LONGEST_MACHINE || self.machine.chars().any(char::is_control) {
            return Err(format!("Name of this machine: at most {LONGEST_MACHINE} characters, in one line"));
        }
        for (what, topic) in [("Base topic", &self.base_topic), ("Discovery prefix", &self.discovery_prefix)]
        {
            let plain = |c: char| c.is_ascii_alphanumeric() || "-_/".contains(c);
            let whole = topic.split('/').all(|part| !part.is_empty());
            if topic.len() > LONGEST_TOPIC || !whole || !topic.chars().all(plain) {
                return Err(format!(
                    "{what}: letters, digits, - and _, with / between parts, such as home/printers"
                ));
            }
        }
        Ok(())
    }

    /// Returns what this computer is called for other machines.
    pub(crate) fn machine_name(&self) -> String {
        if !self.machine.is_empty() {
            return self.machine.clone();
        }
        let name = hostname::get().map(|name| one_line(&name.to_string_lossy(), LONGEST_MACHINE));
        name.ok().filter(|name| !name.trim().is_empty()).unwrap_or_else(|| "Printvigil".into())
    }

    /// Whether what was told under these settings is told at the same place under others.
    pub(crate) fn same_place(&self, other: &Self) -> bool {
        let place =
            |it: &Self| (it.host.clone(), it.port, it.base_topic.clone(), it.discovery_prefix.clone());
        self.enabled == other.enabled && place(self) == place(other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_used_is_said() {
        let good = Settings { enabled: true, host: "192.168.1.10".into(), ..Settings::default() };
        assert_eq!(good.check(""), Ok(()));
        assert_eq!(Settings::default().check(""), Ok(()), "nothing is set while it is off");
        let with = |change: fn(&mut Settings)| {
            let mut changed = good.clone();
            change(&mut changed);
            changed.check("")
        };
        for (wrong, says) in [
            (with(|it| it.host.clear()), "missing"),
            (with(|it| it.host = "mqtt://a".into()), "without mqtt://"),
            (with(|it| it.host = "a b".into()), "no name"),
            (with(|it| it.port = 0), "Port"),
            (with(|it| it.base_topic = "a/#".into()), "Base topic"),
            (with(|it| it.base_topic = "/a".into()), "Base topic"),
            (with(|it| it.discovery_prefix = "$SYS".into()), "Discovery prefix"),
            (with(|it| it.user = "a\nb".into()), "User"),
            (with(|it| it.machine = "m".repeat(61)), "Name of this machine"),
            (good.check("secret"), "User is missing"),
        ] {
            assert!(wrong.as_ref().is_err_and(|why| why.contains(says)), "{says}: {wrong:?}");
        }
    }
}
