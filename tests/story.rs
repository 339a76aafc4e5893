//! The story of the demo, as a person clicks it: set up, print, fail, be paused, answer, look back.

use crate::webdriver::Session;
use std::time::Duration;

/// For what the page does by itself.
const SOON: Duration = Duration::from_secs(45);

/// For what the demo's printer must do first: heat, home, draw. It is quick, but the machine may be busy.
const A_WHILE: Duration = Duration::from_secs(150);

/// Within this a failure that anyone can see must have paused the print.
const NOTICED: Duration = Duration::from_secs(200);

/// Clicks through all of it.
///
/// # Errors
/// When the page does not show what it should; a picture is kept.
pub fn play(page: &Session) -> anyhow::Result<()> {
    set_up(page)?;
    start(page)?;
    fail(page)?;
    answer(page)?;
    cancel(page)?;
    look_back(page)
}

fn set_up(page: &Session) -> anyhow::Result<()> {
    page.wait_for("wizard", A_WHILE)?;
    page.picture("1-welcome")?;
    page.click("wizard-demo")?;
    page.wait_for("try-result", A_WHILE)?;
    page.picture("2-watch-tried")?;
    page.click("wizard-done")
}

fn start(page: &Session) -> anyhow::Result<()> {
    page.wait_for("start-print", SOON)?;
    page.click("choose-file")?;
    page.click_on("li > [data-testid^=\"file-\"]")?;
    page.click("bed-clear")?;
    page.picture("3-ready")?;
    page.click("start-print")?;
    page.wait_for_word("state-word", "Printing", A_WHILE)?;
    let drawn =
        "const at = document.querySelector('[data-testid=live-frame]'); return !!at && at.naturalWidth > 0";
    page.wait_until("the camera's picture is drawn", drawn, SOON)?;
    page.wait_for("gauge", SOON)?;
    Ok(())
}

/// The watch learns for five minutes of the demo; then the print comes loose.
fn fail(page: &Session) -> anyhow::Result<()> {
    let learned = "const at = document.querySelector('[data-testid=completion]'); \
                   return !!at && parseFloat(at.innerText) >= 30";
    page.wait_until("a third is printed", learned, A_WHILE)?;
    page.picture("4-printing")?;
    mishap(page, "demo-tangle")?;
    page.wait_for("alert-card", NOTICED)?;
    page.wait_for_word("state-word", "Paused", NOTICED)?;
    page.wait_for("pause-confirmed", A_WHILE)?;
    let drawn = "const pictures = [...document.querySelectorAll('[data-testid=alert-card] img')]; \
                 return pictures.length > 0 && pictures.every((at) => at.complete && at.naturalWidth > 0)";
    page.wait_until("the picture that decided is drawn", drawn, SOON)?;
    page.picture("5-paused")
}

fn answer(page: &Session) -> anyhow::Result<()> {
    mishap(page, "demo-tangle")?;
    unlocked(page)?;
    page.click("answer-resume")?;
    page.wait_for_word("state-word", "Printing", A_WHILE)?;
    page.picture("6-resumed")
}

fn cancel(page: &Session) -> anyhow::Result<()> {
    // The tangle still lies there: a new alert may come between the two clicks and take the question with it.
    if page.click("cancel").and_then(|()| page.click("ask-yes")).is_err() {
        unlocked(page)?;
        page.click("answer-cancel")?;
        // Whether it ended is seen below.
        let _ = page.click("ask-yes");
    }
    page.wait_for("start-print", A_WHILE)?;
    Ok(())
}

/// A card that has just changed takes no answer for a moment.
fn unlocked(page: &Session) -> anyhow::Result<()> {
    let open = "return !!document.querySelector('[data-testid=answer-cancel]:not([aria-disabled])')";
    page.wait_until("the answers can be given", open, SOON)
}

/// The print is in the history; its films are made, and play.
fn look_back(page: &Session) -> anyhow::Result<()> {
    page.click("nav-history")?;
    page.wait_for("history-list", SOON)?;
    page.picture("7-history")?;
    page.click_on("[data-testid^=\"print-row-\"] a")?;
    page.wait_for("film", A_WHILE)?;
    plays(page, "film.mp4")?;
    page.picture("8-film")?;
    page.click_on("[data-testid=\"film-kind\"] button:last-child")?;
    plays(page, "tagged.mp4")?;
    page.picture("9-film-with-boxes")
}

/// Plays the film that is shown, which has this name.
///
/// # Errors
/// When it does not play.
pub fn plays(page: &Session, name: &str) -> anyhow::Result<()> {
    let plays = "const film = document.querySelector('[data-testid=film]'); \
                 if (!film || !film.currentSrc.includes('NAME')) return false; \
                 if (film.error) throw new Error('the film does not play: ' + film.error.code); \
                 film.muted = true; if (film.paused) film.play().catch(() => 0); return film.currentTime > 0.1";
    page.wait_until(&format!("{name} plays"), &plays.replace("NAME", name), A_WHILE).map_err(|error| {
        let state = "const film = document.querySelector('[data-testid=film]'); \
                     return film && [film.currentSrc, film.readyState, film.networkState, film.currentTime]";
        error.context(format!("source, ready and network state, time: {:?}", page.script(state, &[])))
    })
}

/// Turns one of the demo's mishaps on or off, and closes the menu again.
fn mishap(page: &Session, name: &str) -> anyhow::Result<()> {
    page.click("demo-menu")?;
    page.click(name)?;
    page.click("demo-menu")
}
