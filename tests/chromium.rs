//! The same page as a browser shows it, served by the core, in Chromium without a display: on this computer, and on a
//! phone of the network.
#![cfg(unix)]

use anyhow::Context;
use serde_json::{Value, json};
use std::process::Command;
use std::time::Duration;
use tests::programs::{Program, free_port, missing, ours};
use tests::visitor::read;
use tests::webdriver::{Session, screens};

/// For what the page does by itself.
const SOON: Duration = Duration::from_secs(45);

/// For what the demo's printer must do first: heat, home, draw. It is quick, but the machine may be busy.
const A_WHILE: Duration = Duration::from_secs(150);

/// Within this a failure that anyone can see must have paused the print.
const NOTICED: Duration = Duration::from_secs(200);

/// A core, and a browser of some size. All of it ends with this.
struct Stand {
    page: Session,
    address: String,
    _programs: [Program; 2],
    _folders: [tempfile::TempDir; 2],
}

/// Starts both; none when a program is missing on this machine.
fn stand(name: &str, size: &str, more: &[&str]) -> anyhow::Result<Option<Stand>> {
    if let Some(program) = missing(&["chromium", "chromedriver"]) {
        println!("skipped: {program} is not installed (cargo xtask setup --test)");
        return Ok(None);
    }
    let data = tempfile::tempdir()?;
    let mut core = Command::new(ours("vigil")?);
    core.arg("serve").arg("--data").arg(data.path()).args(more);
    let (core, line) = Program::start_and_read_line(&mut core)?;
    let address = line.split_whitespace().find(|word| word.starts_with("http://")).unwrap_or_default();

    let home = tempfile::tempdir()?;
    let port = free_port()?;
    let mut command = Command::new("chromedriver");
    command.arg(format!("--port={port}")).env("HOME", home.path()).env("LANG", "en_US.UTF-8");
    // What the browser leaves behind goes with the folder.
    command.env("TMPDIR", home.path());
    let driver = Program::start(&mut command)?;
    let options = json!({"args": [
        "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", "--no-first-run",
        "--disable-background-networking", format!("--window-size={size}"), "--lang=en-US",
    ]});
    let page = Session::open(
        &format!("http://127.0.0.1:{port}"),
        &json!({"browserName": "chrome", "goog:chromeOptions": options}),
        screens(name),
    )?;
    let (_programs, _folders) = ([driver, core], [data, home]);
    Ok(Some(Stand { page, address: address.to_owned(), _programs, _folders }))
}

#[test]
fn the_demo_is_set_up_printed_paused_and_answered_in_a_browser() -> anyhow::Result<()> {
    let Some(stand) = stand("chromium", "1280,860", &[])? else { return Ok(()) };
    stand.page.go(&stand.address)?;
    tests::story::play(&stand.page)
}

impl Stand {
    /// Asks the core as its window does.
    fn ask(&self, method: &str, path: &str, body: &Value) -> anyhow::Result<Value> {
        let (base, token) = self.address.split_once("/#token=").context("an address with a token")?;
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{base}/api/v1/{path}"))
            .header("Authorization", format!("Bearer {token}"))
            .header("Content-Type", "application/json");
        let answer = match method {
            "DELETE" => agent.run(request.body(())?)?,
            _ => agent.run(request.body(body.to_string())?)?,
        };
        let (status, answer) = read(answer);
        anyhow::ensure!((200..300).contains(&status), "{method} {path}: {status} {answer}");
        Ok(answer)
    }

    /// Returns the list of the core at a path.
    fn list(&self, path: &str) -> anyhow::Result<Value> {
        let (base, token) = self.address.split_once("/#token=").context("an address with a token")?;
        let request = ureq::get(format!("{base}/api/v1/{path}"));
        Ok(read(request.header("Authorization", format!("Bearer {token}")).call()?).1)
    }
}

/// Holds what is shown as `testid` for so long.
fn hold(page: &Session, testid: &str, millis: u64) -> anyhow::Result<()> {
    let press = |what: &str| {
        let at = format!("document.querySelector('[data-testid={testid}]')");
        page.script(&format!("{at}.dispatchEvent(new PointerEvent('{what}', {{bubbles: true}}))"), &[])
    };
    press("pointerdown")?;
    std::thread::sleep(Duration::from_millis(millis));
    // What it did may have taken it away.
    let _ = press("pointerup");
    Ok(())
}

#[test]
fn a_phone_is_paired_by_its_code_answers_an_alert_and_is_revoked() -> anyhow::Result<()> {
    let Some(stand) = stand("phone", "390,844", &["--demo"])? else { return Ok(()) };
    let page = &stand.page;
    stand.ask("POST", "vigil/system/", &json!({"first_run": false}))?;
    let port = free_port()?;
    stand.ask("PATCH", "vigil/network/", &json!({"enabled": true, "port": port}))?;
    let offer = stand.ask("POST", "vigil/network/pairing/", &json!({"role": "operate"}))?;
    let Some(code) = offer["codes"][0]["url"].as_str() else {
        println!("skipped: this machine is in no network");
        return Ok(());
    };
    page.go(code)?;
    page.wait_for("phone", SOON)?;
    let drawn = "const at = document.querySelector('[data-testid=live-frame]'); \
                 return !!at && at.naturalWidth > 0";
    page.wait_until("the camera's picture is drawn", drawn, SOON)?;
    let hidden = page.script("return location.hash + location.search", &[])?;
    assert_eq!(hidden, "", "the code does not stay in the address");

    let printer = stand.list("printers/")?[0]["id"].as_i64().context("the demo printer")?;
    let file = stand.list("g_code_files/")?["results"][0]["id"].clone();
    stand.ask("POST", &format!("vigil/printers/{printer}/start/"), &json!({"file_id": file}))?;
    page.wait_for_word("state-word", "Printing", A_WHILE)?;
    page.wait_for("done-at", A_WHILE)?;
    page.picture("1-printing")?;
    let beyond = "return document.documentElement.scrollWidth - innerWidth";
    assert_eq!(page.script(beyond, &[])?, 0, "nothing is cut off at the side");
    page.click("pause")?;
    page.wait_for("pause-confirmed", A_WHILE)?;
    page.picture("2-paused")?;
    page.click("resume")?;
    page.wait_for_word("state-word", "Printing", A_WHILE)?;
    hold(page, "cancel", 300)?;
    let word = page.text("state-word")?;
    assert_eq!(word.as_deref(), Some("Printing"), "a touch cancels nothing");

    let learned = "const at = document.querySelector('[data-testid=completion]'); \
                   return !!at && parseFloat(at.innerText) >= 30";
    page.wait_until("a third is printed", learned, A_WHILE)?;
    let demo = format!("vigil/printers/{printer}/demo/");
    stand.ask("POST", &demo, &json!({"fault": "tangle", "on": true}))?;
    page.wait_for("alert-card", NOTICED)?;
    page.wait_for_word("state-word", "Paused", NOTICED)?;
    page.wait_for("pause-confirmed", A_WHILE)?;
    page.picture("3-alert")?;
    stand.ask("POST", &demo, &json!({"fault": "tangle", "on": false}))?;
    let open = "return !!document.querySelector('[data-testid=answer-resume]:not([aria-disabled])')";
    page.wait_until("the answers can be given", open, SOON)?;
    page.click("answer-resume")?;
    page.wait_for_word("state-word", "Printing", A_WHILE)?;
    // The tangle still lies there: a new alert may come and take the button with it.
    if hold(page, "cancel", 1_500).is_err() {
        page.wait_until("the answers can be given", open, SOON)?;
        page.click("answer-cancel")?;
        page.click("ask-yes")?;
    }
    let over = "return !document.querySelector('[data-testid=completion]')";
    page.wait_until("the print is over", over, A_WHILE)?;
    page.picture("4-cancelled")?;

    // Its film is made by itself and plays here, by a ticket; how the print came out is answered below it.
    page.click("phone-history")?;
    page.wait_for("phone-list", SOON)?;
    assert_eq!(page.script(beyond, &[])?, 0, "nothing is cut off at the side");
    page.picture("5-history")?;
    page.click_on("[data-testid^=past-]")?;
    page.wait_for("film", A_WHILE)?;
    tests::story::plays(page, "film.mp4")?;
    page.picture("6-film")?;
    page.click("verdict-failed")?;
    page.wait_for_word("verdict-word", "You said: it failed", SOON)?;
    let judged = &stand.list("prints/")?[0]["alert_overwrite"];
    assert_eq!(judged, "FAILED");
    page.click("phone-back")?;
    page.wait_for("phone-list", SOON)?;
    page.click("phone-print")?;
    page.wait_for("live-chip", SOON)?;

    // What this role may not do is not there; and revoked, it says so.
    let offered = "return ['phone-all', 'add-printer', 'start-print', 'more-tools', 'nav-settings'] \
                   .filter((id) => document.querySelector(`[data-testid=${id}]`)).join()";
    assert_eq!(page.script(offered, &[])?, "");
    let grant = stand.list("vigil/network/")?["grants"][0]["id"].as_i64().context("the phone")?;
    stand.ask("DELETE", &format!("vigil/network/grants/{grant}/"), &Value::Null)?;
    page.wait_for("pair-anew", SOON)?;
    page.picture("7-revoked")?;
    page.click("pair-anew")?;
    page.wait_for("pair-page", SOON)?;
    page.picture("8-pair")
}
