//! Tokens and passwords of services. They lie in a file of their own that only the user can read: not in the database, not
//! in a copy or a backup of it, and in no answer.

use crate::services::service;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use store::private_file;

/// The file in the data folder.
pub(crate) const FILE: &str = "service-passwords.json";

type Fields = BTreeMap<String, String>;

/// The secret fields of each setting, by its number.
#[derive(Debug)]
pub(crate) struct Secrets {
    path: PathBuf,
    all: Mutex<BTreeMap<i64, Fields>>,
}

impl Secrets {
    /// Reads the file. One that cannot be read is told in the log; what was in it has to be entered again then.
    pub(crate) fn open(data_dir: &Path) -> Self {
        let path = data_dir.join(FILE);
        let all = private_file::read(&path, "the file of passwords of the services for notices");
        Self { path, all: Mutex::new(all) }
    }

    /// Returns a config with the secrets in it.
    pub(crate) fn whole(&self, setting: i64, shown: &Value) -> Value {
        let mut whole = shown.as_object().cloned().unwrap_or_default();
        let all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, value) in all.get(&setting).into_iter().flatten() {
            whole.entry(key.clone()).or_insert_with(|| Value::from(value.clone()));
        }
        Value::Object(whole)
    }

    /// Returns the names of the fields that are kept of a setting.
    pub(crate) fn kept(&self, setting: i64) -> Vec<String> {
        let all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(&setting).into_iter().flat_map(Fields::keys).cloned().collect()
    }

    /// Keeps the secrets of a setting in place of those before; none forgets it. On the disk when it returns.
    pub(crate) fn keep(&self, setting: i64, secrets: Option<Fields>) -> io::Result<()> {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let mut changed = all.clone();
        match secrets.filter(|secrets| !secrets.is_empty()) {
            Some(secrets) => changed.insert(setting, secrets),
            None => changed.remove(&setting),
        };
        if changed != *all {
            private_file::write(&self.path, &serde_json::to_vec(&changed)?)?;
            *all = changed;
        }
        Ok(())
    }
}

/// Parts a config into what may be shown and what is secret.
pub(crate) fn part(name: &str, whole: &Value) -> (Value, Fields) {
    let (mut shown, mut secrets) = (Map::new(), Fields::new());
    for (key, value) in whole.as_object().into_iter().flatten() {
        let secret = service(name)
            .is_some_and(|known| known.fields.iter().any(|field| field.secret && field.name == key));
        match value.as_str().filter(|_| secret) {
            Some("") => (),
            Some(text) => _ = secrets.insert(key.clone(), text.trim().to_owned()),
            None => _ = shown.insert(key.clone(), value.clone()),
        }
    }
    (Value::Object(shown), secrets)
}

/// Takes secrets out of a text: a library's error may carry the address that was asked.
pub(crate) fn hide(text: &str, secrets: &Value, name: &str) -> String {
    let (_, secrets) = part(name, secrets);
    // Short ones would take harmless words apart.
    secrets
        .values()
        .filter(|secret| secret.len() >= 6)
        .fold(text.to_owned(), |text, secret| text.replace(secret, "***"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn secrets_are_kept_apart_and_come_back_whole() {
        let dir = tempfile::tempdir().expect("a folder");
        let secrets = Secrets::open(dir.path());
        let whole = json!({"token": "1:abcdefg", "chat_id": "-5", "printers": [1]});
        let (shown, secret) = part("telegram", &whole);
        assert_eq!(shown, json!({"chat_id": "-5", "printers": [1]}));
        secrets.keep(3, Some(secret)).expect("kept");
        let again = Secrets::open(dir.path());
        assert_eq!(again.whole(3, &shown), whole);
        assert_eq!((again.kept(3), again.kept(4)), (vec!["token".to_owned()], vec![]));
        assert_eq!(
            hide("GET https://x/bot1:abcdefg/send failed", &whole, "telegram"),
            "GET https://x/bot***/send failed"
        );
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(dir.path().join(FILE)).expect("there").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        again.keep(3, None).expect("forgotten");
        assert_eq!(Secrets::open(dir.path()).whole(3, &shown), shown);
    }
}
