//! Spools from the API to the simulated printer: what is loaded is used, once, whatever ends the print; it is said before a
//! print that there is not enough; and Spoolman's JSON comes and goes.

use serde_json::{Value, json};
use tests::visitor::Door;

const SPOOLS: &str = "/api/v1/vigil/spools/";

fn add(door: &Door, fields: &Value) -> i64 {
    let mut spool =
        json!({"name": "Teal", "material": "PLA", "net_g": 1000.0, "empty_g": 230.0, "price": 25.0});
    for (key, value) in fields.as_object().into_iter().flatten() {
        spool[key] = value.clone();
    }
    let (status, added) = door.post(SPOOLS, &spool);
    assert_eq!(status, 201, "{added}");
    added["id"].as_i64().expect("a number")
}

fn spool(door: &Door, id: i64) -> Value {
    door.get(&format!("{SPOOLS}{id}/")).1
}

fn left(door: &Door, id: i64) -> f64 {
    spool(door, id)["left_g"].as_f64().expect("grams")
}

/// Loads it, and waits until that is live.
fn load(door: &Door, wanted: Value) -> (u16, Value) {
    let path = format!("/api/v1/vigil/printers/{}/spools/0/", door.world.printer);
    let done = door.put(&path, &json!({"spool": wanted}));
    for _ in 0..100 {
        let (_, all) = door.get(SPOOLS);
        let loaded = |one: &&Value| !one["loaded"].is_null();
        let now = all["spools"]
            .as_array()
            .into_iter()
            .flatten()
            .find(loaded)
            .map_or(Value::Null, |one| one["id"].clone());
        if done.0 != 200 || now == wanted {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    done
}

fn sample(door: &Door) -> i64 {
    door.get("/api/v1/g_code_files/").1["results"][0]["id"].as_i64().expect("the sample is there")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_print_that_is_cancelled_is_counted_on_its_spool_with_its_cost() {
    let door = Door::open().await;
    let id = add(&door, &json!({}));
    assert_eq!(load(&door, json!(id)).0, 200);
    assert_eq!(spool(&door, id)["loaded"]["printer"], json!(door.world.printer));
    door.put("/api/v1/vigil/energy_price/", &json!({"watts": 120.0, "per_kwh": 0.4}));
    let print = door.world.print_sample().await;
    let used = |view: &domain::PrinterView| view.status.progress.filamentUsed.unwrap_or(0.0);
    door.world.until("some filament is laid", 60, |view| used(view) > 50.0).await;
    let printer = door.world.printer;
    door.world.ask(domain::Request::Cancel(printer)).await;
    door.world.until_row("cancelled", print, |row| row.cancelled_at.is_some()).await;
    let cost = format!("/api/v1/vigil/prints/{print}/cost/");
    let (_, told) = door.get(&cost);
    let (row_mm, part) = (door.get(&format!("/api/v1/prints/{print}/")).1, &told["parts"][0]);
    let mm = part["used_mm"].as_f64().expect("mm");
    assert!((mm - row_mm["filament_used"].as_f64().expect("mm")).abs() < 0.01, "{told} {row_mm}");
    assert_eq!((&part["spool"]["id"], &part["about"]), (&json!(id), &json!(false)));
    let grams = part["used_g"].as_f64().expect("g");
    assert!((left(&door, id) - (1000.0 - grams)).abs() < 1e-6);
    assert!((told["filament"].as_f64().expect("a price") - grams * 0.025).abs() < 1e-6, "{told}");
    assert!(told["kwh"].as_f64().is_some_and(|kwh| kwh > 0.0), "{told}");
    let (_, stats) = door.get("/api/v1/vigil/prints/stats/");
    assert_eq!((&stats["spools"][0]["spool"], &stats["materials"][0]["name"]), (&json!(id), &json!("PLA")));
    assert!((stats["spools"][0]["grams"].as_f64().expect("g") - grams).abs() < 0.01, "{stats}");

    // A person says later that it was another spool.
    let other = add(&door, &json!({"name": "Coral"}));
    let part = format!("/api/v1/vigil/prints/{print}/spools/0/");
    assert_eq!(door.put(&part, &json!({"spool": other})).0, 200);
    assert!((left(&door, id) - 1000.0).abs() < 1e-6 && left(&door, other) < 1000.0);
    assert_eq!(door.put(&part, &json!({"spool": 999})).0, 404);
    assert_eq!(door.delete(&format!("{SPOOLS}{other}/")).1["code"], "in_use");
    door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn too_little_on_the_spool_is_said_with_figures_and_stops_nothing() {
    let door = Door::open().await;
    let (printer, file) = (door.world.printer, sample(&door));
    let need = format!("/api/v1/vigil/printers/{printer}/spools/need/?file={file}");
    let (status, unknown) = door.get(&need);
    assert_eq!((status, &unknown[0]["spool"], &unknown[0]["short"]), (200, &Value::Null, &json!(false)));
    let whole = unknown[0]["needed_g"].as_f64().expect("grams");
    // One and a half prints of it.
    let id = add(&door, &json!({"left_g": whole * 1.5, "material": "PETG"}));
    load(&door, json!(id));
    let enough = &door.get(&need).1[0];
    assert_eq!((&enough["short"], &enough["name"]), (&json!(false), &json!("Teal")), "{enough}");
    let queue = format!("/api/v1/vigil/printers/{printer}/queue/");
    for _ in 0..2 {
        assert!(door.post(&queue, &json!({"file_id": file})).0 < 300);
    }
    let (_, needs) = door.get(&format!("{queue}spools/"));
    let short = |at: usize| needs[at]["needs"][0]["short"].clone();
    assert_eq!((short(0), short(1)), (json!(false), json!(true)), "{needs}");
    let last = &needs[1]["needs"][0];
    assert!(last["left_mm"].as_f64() < last["needed_mm"].as_f64() && last["left_g"].is_number(), "{last}");
    door.patch(&format!("{queue}1/"), &json!({"copies": 2}));
    let print = door.world.print_sample().await;
    assert!(print.get() > 0, "it starts all the same");
    door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_entered_weighed_and_put_away_is_kept_and_nonsense_refused() {
    let door = Door::open().await;
    let id = add(&door, &json!({"diameter_mm": 2.85}));
    let path = format!("{SPOOLS}{id}/");
    let weighed = door.post(&format!("{path}weigh/"), &json!({"gross_g": 642.0}));
    assert_eq!((weighed.0, &weighed.1["left_g"]), (200, &json!(412.0)));
    assert_eq!((left(&door, id), spool(&door, id)["low"].clone()), (412.0, json!(false)));
    let mm = spool(&door, id)["left_mm"].as_f64().expect("mm");
    assert!((mm / 1000.0 - 52.08).abs() < 0.01, "of 2.85 mm: {mm}");
    for gross in [100.0, 1e9, -1.0] {
        let (status, error) = door.post(&format!("{path}weigh/"), &json!({"gross_g": gross}));
        assert_eq!((status, &error["code"]), (400, &json!("out_of_range")), "{error}");
    }
    let (status, list) = door.put(&format!("{SPOOLS}low/"), &json!({"low_g": 500.0}));
    assert_eq!((status, &list["spools"][0]["low"]), (200, &json!(true)));
    assert!(list["materials"].as_array().is_some_and(|all| all.len() >= 8), "{list}");
    assert_eq!(door.put(&format!("{SPOOLS}low/"), &json!({"low_g": -1.0})).0, 400);

    let light = add(&door, &json!({"empty_g": null}));
    let (status, error) = door.post(&format!("{SPOOLS}{light}/weigh/"), &json!({"gross_g": 700.0}));
    assert_eq!((status, &error["code"]), (409, &json!("no_empty_weight")), "{error}");
    for wrong in
        [json!({"name": ""}), json!({"name": "a", "density": 0.0}), json!({"name": "a", "colour": "x"})]
    {
        assert!([400, 422].contains(&door.post(SPOOLS, &wrong).0), "{wrong}");
    }
    load(&door, json!(id));
    assert_eq!(door.delete(&path).1["code"], "loaded");
    assert_eq!(door.put(&path, &json!({"name": "Teal", "archived": true})).1["code"], "loaded");
    load(&door, Value::Null);
    assert_eq!(door.put(&path, &json!({"name": "Teal", "archived": true})).0, 200);
    assert_eq!(load(&door, json!(id)).0, 400, "put away");
    assert_eq!(load(&door, json!(999)).0, 404);
    assert_eq!(door.delete(&path).0, 204, "no print has used it");
    door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn spoolmans_json_comes_with_a_preview_and_once() {
    let door = Door::open().await;
    let path = "/api/v1/vigil/spools/spoolman/";
    let export = json!([{
        "id": 3, "registered": "2024-03-01T10:00:00Z", "remaining_weight": 400.0, "initial_weight": 750.0,
        "filament": {"name": "Galaxy", "material": "PETG", "density": 1.27, "diameter": 1.75, "weight": 750.0,
            "spool_weight": 200.0, "vendor": {"name": "Acme"}},
    }]);
    let (status, seen) = door.post(&format!("{path}?look_only=true"), &export);
    assert_eq!((status, &seen["spools"][0]["name"], &seen["done"]), (200, &json!("Galaxy"), &json!(false)));
    assert_eq!(door.get(SPOOLS).1["spools"], json!([]), "only looked at");
    assert_eq!(door.post(path, &export).1["done"], json!(true));
    let (_, again) = door.post(path, &export);
    assert_eq!((&again["known"], &again["spools"]), (&json!(1), &json!([])));
    let (_, all) = door.get(path);
    assert_eq!(
        (&all[0]["remaining_weight"], &all[0]["filament"]["vendor"]["name"]),
        (&json!(400.0), &json!("Acme"))
    );
    assert_eq!(door.post(path, &all).1["known"], json!(1), "our own is known, too");
    assert_eq!(door.post(path, &json!({"spools": []})).0, 400);
    door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_has_a_reason_from_the_persons_own_list() {
    let door = Door::open().await;
    let path = "/api/v1/vigil/failure_reasons/";
    let usual = door.get(path).1;
    assert!(usual.as_array().is_some_and(|words| words.len() >= 5), "{usual}");
    let own = json!([" Warped ", "Warped", "", "Power cut"]);
    assert_eq!(door.put(path, &own), (200, json!(["Warped", "Power cut"])));
    assert_eq!(door.put(path, &json!(["x".repeat(65)])).0, 400);
    let print = door.world.print_sample().await;
    let of_print = format!("/api/v1/prints/{print}/");
    let (status, told) = door.patch(&of_print, &json!({"reason": "Warped", "alert_overwrite": "FAILED"}));
    assert_eq!((status, &told["vigil"]["reason"]), (200, &json!("Warped")));
    let printer = door.world.printer;
    door.world.ask(domain::Request::Cancel(printer)).await;
    door.world.until_row("cancelled", print, |row| row.cancelled_at.is_some()).await;
    let (_, stats) = door.get("/api/v1/vigil/prints/stats/");
    assert_eq!((&stats["reasons"][0]["name"], &stats["reasons"][0]["prints"]), (&json!("Warped"), &json!(1)));
    assert_eq!(door.patch(&of_print, &json!({"reason": ""})).1["vigil"]["reason"], Value::Null);
    assert_eq!(door.put(path, &json!([])).1, usual, "as delivered");
    door.world.end().await;
}

#[cfg(unix)]
#[test]
fn killed_in_the_middle_of_a_print_what_it_used_is_counted_once_and_as_an_estimate() -> anyhow::Result<()> {
    use tests::cores::Core;
    let data = tempfile::tempdir()?;
    let mut core = Core::start(data.path())?;
    core.until("Ready")?;
    core.post(SPOOLS, &json!({"name": "Teal", "material": "PLA"}))?;
    core.put("/api/v1/vigil/printers/1/spools/0/", &json!({"spool": 1}))?;
    core.print()?;
    core.until_laid()?;
    let used = |core: &Core| -> anyhow::Result<f64> {
        Ok(core.get("/api/v1/vigil/spools/1/")?["used_g"].as_f64().unwrap_or(0.0))
    };
    for _ in 0..600 {
        if used(&core)? > 0.0 {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let before = used(&core)?;
    core.signal("-KILL")?;
    core.ended(5)?;
    let mut again = Core::start(data.path())?;
    again.until("Ready")?;
    let after = used(&again)?;
    assert!(before > 0.0 && after >= before, "{before} g before, {after} g after");
    let spool = again.get("/api/v1/vigil/spools/1/")?;
    assert_eq!((&spool["about"], &spool["prints"]), (&json!(true), &json!(1)), "{spool}");
    again.signal("-KILL")?;
    again.ended(5)?;
    let third = Core::start(data.path())?;
    third.until("Ready")?;
    assert!((used(&third)? - after).abs() < 1e-9, "a start counts nothing");
    Ok(())
}
