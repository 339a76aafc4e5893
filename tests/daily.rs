//! Day after day: a print ends and its card waits, and what is in the queue starts by a person's yes, one after the other.

use anyhow::Context;
use serde_json::{Value, json};
use std::time::Duration;
use tests::cores::Core;

const QUEUE: &str = "/api/v1/vigil/printers/1/queue/";

/// Returns the printer as every page sees it.
fn printer(core: &Core) -> anyhow::Result<Value> {
    core.get("/api/v1/printers/1/")
}

/// Waits until the printer is seen so, a minute at most.
fn until(core: &Core, what: &str, seen: impl Fn(&Value) -> bool) -> anyhow::Result<Value> {
    let mut view = Value::Null;
    for _ in 0..600 {
        view = printer(core)?;
        if seen(&view) {
            return Ok(view);
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    anyhow::bail!("not seen within a minute: {what}; instead {}", view["vigil"])
}

/// What waits: number, copies, name.
fn queue(view: &Value) -> Vec<(i64, i64, String)> {
    let item = |item: &Value| {
        let number = |key: &str| item[key].as_i64().unwrap_or_default();
        (number("id"), number("copies"), item["name"].as_str().unwrap_or_default().to_owned())
    };
    view["vigil"]["queue"].as_array().into_iter().flatten().map(item).collect()
}

fn start(core: &Core, item: i64, bed_clear: bool) -> anyhow::Result<Option<Value>> {
    core.refused(&format!("{QUEUE}{item}/start/"), &json!({"bed_clear": bed_clear}))
}

/// Cancels what prints, and waits for the card of it.
fn ends(core: &Core) -> anyhow::Result<Value> {
    core.until_laid()?;
    core.post("/api/v1/printers/1/cancel_print/", &Value::Null)?;
    until(core, "the card of the last print", |view| {
        !view["vigil"]["last_print"].is_null() && view["vigil"]["can"]["start"] == true
    })
}

#[test]
fn the_next_in_the_queue_starts_by_a_yes_once_the_last_print_is_put_away() -> anyhow::Result<()> {
    let data = tempfile::tempdir()?;
    let mut core = Core::start(data.path())?;
    core.until("Ready")?;
    for copies in [2, 1] {
        core.post(QUEUE, &json!({"file_id": 1, "copies": copies}))?;
    }
    let view = printer(&core)?;
    let name = queue(&view).first().context("it waits")?.2.clone();
    assert_eq!(queue(&view), [(1, 2, name.clone()), (2, 1, name.clone())]);
    assert!(view["current_print"].is_null(), "nothing starts by itself");

    let refused = start(&core, 1, false)?.context("without a yes")?;
    assert_eq!(refused["code"], "bed_not_clear", "{refused}");
    assert_eq!(start(&core, 1, true)?, None);
    core.until("Printing")?;
    assert_eq!(queue(&printer(&core)?)[0].1, 1, "it has begun: one copy less");
    assert_eq!(start(&core, 1, true)?.context("while it prints")?["code"], "busy");
    let first = ends(&core)?["vigil"]["last_print"]["print"]["id"].clone();

    // The app ends and begins again: the card is there, and so is the queue.
    core.signal("-TERM")?;
    assert!(core.ended(12)?.success());
    let core = Core::start(data.path())?;
    core.until("Ready")?;
    let view = printer(&core)?;
    let card = &view["vigil"]["last_print"];
    assert_eq!(
        (&card["print"]["id"], &card["print"]["vigil"]["ended_by"]),
        (&first, &json!("cancelled")),
        "{card}"
    );
    assert!(card["text"].as_str().is_some_and(|text| text.starts_with("Cancelled")), "{card}");
    assert_eq!(queue(&view), [(1, 1, name.clone()), (2, 1, name)]);

    let refused = start(&core, 1, true)?.context("while the last print may lie on the bed")?;
    assert_eq!(refused["code"], "bed_not_clear", "{refused}");
    assert_eq!(queue(&printer(&core)?).len(), 2, "and it still waits");
    core.post("/api/v1/vigil/printers/1/seen/", &json!({"what": "last_print"}))?;
    assert_eq!(start(&core, 1, true)?, None);
    core.until("Printing")?;
    let view = printer(&core)?;
    assert_eq!(queue(&view).iter().map(|(id, ..)| *id).collect::<Vec<_>>(), [2], "its last copy");
    assert!(view["current_print"]["id"].as_i64() > first.as_i64(), "{view}");

    // Its file goes from the library: the row stays, says so, and does not start.
    ends(&core)?;
    core.post("/api/v1/vigil/printers/1/seen/", &json!({"what": "last_print"}))?;
    core.delete("/api/v1/g_code_files/1/")?;
    let view = until(&core, "the file is gone", |view| view["vigil"]["queue"][0]["gone"] == true)?;
    assert_eq!(queue(&view).len(), 1);
    assert_eq!(start(&core, 2, true)?.context("no file")?["code"], "gone");
    core.delete(&format!("{QUEUE}2/"))?;
    until(&core, "nothing waits", |view| queue(view).is_empty())?;
    Ok(())
}
