//! A small WebDriver client: the few calls that our story needs, one connection each, no async.

use anyhow::{Context, bail};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// How the protocol names the id of an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A page in a browser or window that we drive. Closed when dropped.
pub struct Session {
    agent: ureq::Agent,
    base: String,
    screens: PathBuf,
}

impl Session {
    /// Opens a page through the driver at `driver`, pictures of it to be kept in `screens`.
    ///
    /// # Errors
    /// When the driver does not come up within 60 s, or cannot open the page.
    pub fn open(driver: &str, capabilities: &Value, screens: PathBuf) -> anyhow::Result<Self> {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(Duration::from_secs(120)))
            .http_status_as_error(false)
            .proxy(None);
        let agent: ureq::Agent = config.build().into();
        let ready = until(Duration::from_secs(60), || {
            let answer = agent.get(format!("{driver}/status")).call();
            Ok(answer.is_ok_and(|answer| answer.status() == 200).then_some(()))
        });
        ready.context("the driver does not answer")?;
        let mut session = Self { agent, base: format!("{driver}/session"), screens };
        let opened = session.post("", &json!({"capabilities": {"alwaysMatch": capabilities}}))?;
        let id = opened["sessionId"].as_str().with_context(|| format!("no session in {opened}"))?;
        session.base = format!("{driver}/session/{id}");
        std::fs::create_dir_all(&session.screens)?;
        Ok(session)
    }

    /// Goes to an address.
    ///
    /// # Errors
    /// When the driver refuses.
    pub fn go(&self, url: &str) -> anyhow::Result<()> {
        self.post("/url", &json!({ "url": url })).map(|_| ())
    }

    /// Sets the size of the page's window, pixels.
    ///
    /// # Errors
    /// When the driver refuses.
    pub fn resize(&self, width_px: u32, height_px: u32) -> anyhow::Result<()> {
        self.post("/window/rect", &json!({"width": width_px, "height": height_px})).map(|_| ())
    }

    /// Runs a script in the page; what it returns comes back.
    ///
    /// # Errors
    /// When it throws.
    pub fn script(&self, script: &str, args: &[Value]) -> anyhow::Result<Value> {
        self.post("/execute/sync", &json!({"script": script, "args": args}))
    }

    /// Returns the text of what is shown as `testid`, if it is there.
    ///
    /// # Errors
    /// When the driver fails.
    pub fn text(&self, testid: &str) -> anyhow::Result<Option<String>> {
        let script =
            "const at = document.querySelector(arguments[0]); return at ? at.innerText.trim() : null";
        Ok(self.script(script, &[selector(testid).into()])?.as_str().map(str::to_owned))
    }

    /// Waits until something is shown as `testid`.
    ///
    /// # Errors
    /// When it is not within `patience`.
    pub fn wait_for(&self, testid: &str, patience: Duration) -> anyhow::Result<String> {
        let found = until(patience, || self.text(testid));
        found.with_context(|| format!("{testid} does not appear; {}", self.shown()))
    }

    /// Waits until what is shown as `testid` reads `word`.
    ///
    /// # Errors
    /// When it does not within `patience`; the error says what it reads instead.
    pub fn wait_for_word(&self, testid: &str, word: &str, patience: Duration) -> anyhow::Result<()> {
        let reads = || Ok(self.text(testid)?.filter(|text| text.contains(word)).map(|_| ()));
        until(patience, reads).with_context(|| format!("{testid} does not read {word:?}; {}", self.shown()))
    }

    /// Waits until a script returns something true.
    ///
    /// # Errors
    /// When it does not within `patience`.
    pub fn wait_until(&self, what: &str, script: &str, patience: Duration) -> anyhow::Result<()> {
        let holds = || Ok((self.script(script, &[])? == true).then_some(()));
        until(patience, holds).with_context(|| format!("{what}: not so; {}", self.shown()))
    }

    /// Clicks what is shown as `testid`, as a person would, once it can be.
    ///
    /// # Errors
    /// When it cannot be clicked within 25 s.
    pub fn click(&self, testid: &str) -> anyhow::Result<()> {
        self.click_on(&selector(testid))
            .with_context(|| format!("{testid} cannot be clicked; {}", self.shown()))
    }

    /// Clicks the first element that a CSS selector finds.
    ///
    /// # Errors
    /// When it cannot be clicked within 25 s.
    pub fn click_on(&self, css: &str) -> anyhow::Result<()> {
        until(Duration::from_secs(25), || {
            let find = json!({"using": "css selector", "value": css});
            // Not there yet, covered, or replaced while we looked: all of them pass.
            let Ok(found) = self.post("/element", &find) else { return Ok(None) };
            let id = found[ELEMENT].as_str().context("an element has an id")?;
            let usable = self.get(&format!("/element/{id}/enabled")).is_ok_and(|enabled| enabled == true);
            Ok((usable && self.post(&format!("/element/{id}/click"), &json!({})).is_ok()).then_some(()))
        })
        .with_context(|| format!("{css} cannot be clicked; {}", self.shown()))
    }

    /// Keeps a picture of the page as `name`.png.
    ///
    /// # Errors
    /// When the driver or the disk fails.
    pub fn picture(&self, name: &str) -> anyhow::Result<()> {
        // A picture directly after a click shows the page before it.
        std::thread::sleep(Duration::from_millis(600));
        let picture = self.get("/screenshot")?;
        let encoded = picture.as_str().context("the picture comes as text")?;
        std::fs::write(self.screens.join(format!("{name}.png")), base64(encoded)?)?;
        Ok(())
    }

    /// What is on the screen now, in a few words, for an error.
    fn shown(&self) -> String {
        // The picture is the better half of it, but an error is told without it too.
        let _ = self.picture("failed");
        let text = self.script("return document.body.innerText.replace(/\\s+/g, ' ').slice(0, 600)", &[]);
        match text {
            Ok(text) => {
                format!("the page reads {text} (picture: {})", self.screens.join("failed.png").display())
            }
            Err(error) => format!("the page says nothing: {error:#}"),
        }
    }

    fn get(&self, path: &str) -> anyhow::Result<Value> {
        value(self.agent.get(format!("{}{path}", self.base)).call()?)
    }

    fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let request = self.agent.post(format!("{}{path}", self.base)).content_type("application/json");
        value(request.send(body.to_string())?)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // The driver is ended after us; a page that does not close goes with it.
        let _ = self.agent.delete(&self.base).call();
    }
}

/// Returns the CSS selector of a test id.
fn selector(testid: &str) -> String {
    format!("[data-testid=\"{testid}\"]")
}

fn value(mut answer: ureq::http::Response<ureq::Body>) -> anyhow::Result<Value> {
    let text = answer.body_mut().with_config().limit(64 << 20).read_to_string()?;
    let value = serde_json::from_str::<Value>(&text)?["value"].take();
    if !answer.status().is_success() {
        bail!(
            "{}: {}",
            value["error"].as_str().unwrap_or("refused"),
            value["message"].as_str().unwrap_or(&text)
        );
    }
    Ok(value)
}

/// Asks again and again until there is an answer.
///
/// # Errors
/// When there is none within `patience`, or asking fails.
pub fn until<T>(patience: Duration, mut ask: impl FnMut() -> anyhow::Result<Option<T>>) -> anyhow::Result<T> {
    let started = now();
    loop {
        if let Some(answer) = ask()? {
            return Ok(answer);
        }
        if started.elapsed().unwrap_or_default() > patience {
            bail!("waited {} s", patience.as_secs());
        }
        std::thread::sleep(Duration::from_millis(150));
    }
}

#[expect(clippy::disallowed_methods, reason = "other programs are waited for on the clock on the wall")]
fn now() -> SystemTime {
    SystemTime::now()
}

fn base64(text: &str) -> anyhow::Result<Vec<u8>> {
    let digit = |byte: u8| match byte {
        b'A'..=b'Z' => Ok(u32::from(byte - b'A')),
        b'a'..=b'z' => Ok(u32::from(byte - b'a') + 26),
        b'0'..=b'9' => Ok(u32::from(byte - b'0') + 52),
        b'+' => Ok(62),
        b'/' => Ok(63),
        other => bail!("{other} is no digit of base64"),
    };
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let digits: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace() && *byte != b'=').collect();
    for four in digits.chunks(4) {
        let mut word = 0;
        for (place, byte) in four.iter().enumerate() {
            word |= digit(*byte)? << (18 - 6 * place);
        }
        bytes.extend(word.to_be_bytes().into_iter().skip(1).take(four.len() * 6 / 8));
    }
    Ok(bytes)
}

/// Returns where pictures of a run are kept: `target/screens/`.
///
/// # Panics
/// When the test program does not lie in cargo's target folder.
pub fn screens(run: &str) -> PathBuf {
    let exe = std::env::current_exe().expect("a test program knows where it lies");
    let target = exe.ancestors().nth(3).map(Path::to_path_buf).expect("it lies in target/debug/deps");
    target.join("screens").join(run)
}
