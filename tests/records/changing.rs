//! A story in which the fields of the record change, and the table of those that must.

use crate::table;
use domain::{AlertOverwrite, DemoFault, PrintId, Request};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use tests::visitor::Door;

/// The values that each field was seen with.
#[derive(Default)]
struct Seen(BTreeMap<(String, String), BTreeSet<String>>);

impl Seen {
    /// Notes the fields of one object.
    fn note(&mut self, object: &str, value: &Value) {
        for row in table().into_iter().filter(|row| row.object == object) {
            let mut parts = row.field.split('.').map(|part| if part == "*" { "tool0" } else { part });
            let found = parts.try_fold(value, |at, part| at.get(part));
            let found = found.filter(|found| !found.is_null()).map_or("null".into(), Value::to_string);
            self.0.entry((row.object, row.field)).or_default().insert(found);
        }
    }

    /// Notes all that the doors say now.
    fn look(&mut self, door: &Door, print: Option<PrintId>) {
        let printer = door.get(&format!("/api/v1/printers/{}/", door.world.printer)).1;
        self.note("Printer", &printer);
        self.note("PrinterStatus", &printer["status"]);
        self.note("PrinterSettings", &printer["settings"]);
        self.note("User", &door.get("/api/v1/users/me/").1);
        self.note("GCodeFile", &door.get("/api/v1/g_code_files/").1["results"][0]);
        if let Some(print) = print {
            let shown = door.get(&format!("/api/v1/prints/{print}/")).1;
            self.note("Print", &shown);
            self.note("PrintShotFeedback", &shown["printshotfeedback_set"][0]);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_fields_of_the_record_change_and_are_seen_to() {
    let door = Door::open().await;
    let (world, mut seen) = (&door.world, Seen::default());
    let (printer, path) = (world.printer, format!("/api/v1/printers/{}/", world.printer));
    let changed = |what: &str, (status, told): (u16, Value)| assert!(status < 300, "{what}: {status} {told}");
    seen.look(&door, None);

    let settings = json!({
        "name": "Another", "action_on_failure": "NONE", "watching_enabled": false, "tools_off_on_pause": false,
        "bed_off_on_pause": true, "retract_on_pause": 1.5, "lift_z_on_pause": 1.0, "detective_sensitivity": 1.1,
        "min_timelapse_secs_on_finish": -1, "min_timelapse_secs_on_cancel": -1, "temperature_offsets": {"tool0": 3.0},
    });
    changed("settings", door.patch(&path, &settings));
    let preset = json!([{"name": "PLA silk", "extruder": 222.0, "bed": 55.0}]);
    changed("presets", door.post(&format!("/api/v1/vigil/printers/{printer}/temp_profiles/"), &preset));
    let camera = world.view().vigil.camera.clone().expect("a camera").id;
    let turned = json!({"rotation": 90, "flip_h": true, "flip_v": true});
    changed("camera", door.patch(&format!("/api/v1/vigil/cameras/{camera}/"), &turned));
    seen.look(&door, None);
    assert_eq!(door.get(&path).1["settings"]["temp_profiles"], preset, "those that people edit");
    changed("back", door.patch(&path, &json!({"action_on_failure": "PAUSE", "watching_enabled": true})));
    changed("back", door.patch(&format!("/api/v1/vigil/cameras/{camera}/"), &json!({"rotation": 0})));
    world.until("seen again", 20, |v| v.vigil.camera.as_ref().is_some_and(|c| c.live)).await;

    let print = world.print_sample().await;
    world.until_looks(5, 60).await;
    seen.look(&door, Some(print));
    // The file asks for its own target; the printer was asked for three degrees more.
    let text = sim::sample_gcode();
    let target =
        text.lines().find_map(|line| line.strip_prefix("M109 S")?.split(' ').next()?.parse::<f64>().ok());
    let target = target.expect("the sample heats its nozzle");
    assert_eq!(world.view().status.temperatures["tool0"].target, Some(target + 3.0));

    let file = world.view().current_print.as_ref().and_then(|p| p.g_code_file.clone()).expect("its file");
    assert_eq!(file.url, format!("/api/v1/g_code_files/{}/content/", file.id));
    assert_eq!(door.raw(&file.url).status().as_u16(), 200, "it can be fetched");
    let folder = door.post("/api/v1/g_code_folders/", &json!({"name": "parts"})).1["id"].clone();
    let renamed = json!({"filename": "renamed part.gcode", "parent_folder": folder});
    changed("file", door.patch(&format!("/api/v1/g_code_files/{}/", file.id), &renamed));
    let name =
        |v: &domain::PrinterView| v.current_print.as_ref()?.g_code_file.as_ref().map(|f| f.filename.clone());
    world.until("renamed in the print", 20, |v| name(v).as_deref() == Some("renamed part.gcode")).await;
    changed("mute", door.post(&format!("{path}mute_current_print/?mute_alert=true"), &json!({})));
    world.until_row("muted", print, |row| row.alert_muted_at.is_some()).await;
    seen.look(&door, Some(print));
    changed("unmute", door.post(&format!("{path}mute_current_print/?mute_alert=false"), &json!({})));

    world.until_looks(35, 60).await;
    world.station.demo_fault(printer, DemoFault::Tangle, true).expect("the demo has a tangle");
    world.until("paused", 60, |v| v.status.state.flags.paused && v.vigil.pause_confirmed).await;
    let shots =
        |v: &domain::PrinterView| v.current_print.as_ref().map_or(0, |p| p.printshotfeedback_set.len());
    world.until("a shot of the alert", 20, |v| shots(v) > 0).await;
    seen.look(&door, Some(print));
    let shot = world.view().current_print.as_ref().expect("it is there").printshotfeedback_set[0].clone();
    assert_eq!(door.raw(&shot.image_url).status().as_u16(), 200, "its picture is there");
    let answer = json!({"answer": "LOOKS_BAD"});
    changed("answer", door.put(&format!("/api/v1/printshotfeedbacks/{}/", shot.id), &answer));
    world
        .until("answered", 20, |v| {
            v.current_print.as_ref().is_some_and(|p| {
                p.printshotfeedback_set.iter().any(|s| s.id == shot.id && s.answer.is_some())
            })
        })
        .await;
    let consent = json!({"access_consented_at": "2026-01-02T03:04:05.000006Z"});
    changed("consent", door.patch(&format!("/api/v1/prints/{print}/"), &consent));
    world.ask(Request::Acknowledge(printer, Some(AlertOverwrite::NotFailed))).await;
    seen.look(&door, Some(print));

    world.station.demo_fault(printer, DemoFault::Tangle, false).expect("mended");
    world.ask(Request::Resume(printer)).await;
    changed("hours", door.patch("/api/v1/users/me/", &json!({"dh_balance": 0.02})));
    assert_eq!(door.get("/api/v1/users/me/").1["dh_balance"], 0.02);
    seen.look(&door, Some(print));
    let out = Some("You have run out of AI Detection Hours");
    world.until("used up", 60, |v| v.not_watching_reason.as_deref() == out).await;
    seen.look(&door, Some(print));
    changed("unlimited", door.patch("/api/v1/users/me/", &json!({"dh_balance": null})));
    world.until("watched again", 20, |v| v.vigil.detection_hours.is_none()).await;
    world.ask(Request::Cancel(printer)).await;
    world.until("ready again", 60, |v| v.vigil.can.start && v.current_print.is_none()).await;
    world.until_row("ended", print, |row| row.cancelled_at.is_some()).await;
    seen.look(&door, Some(print));
    let person = json!({"email": "a@b.example", "first_name": "Ada", "last_name": "L.",
        "notification_enabled": false, "unseen_printer_events": 0});
    changed("person", door.patch("/api/v1/users/me/", &person));

    changed("cool", door.post(&format!("/api/v1/vigil/printers/{printer}/cool_down/"), &json!({})));
    let cold = |t: &domain::Temperature| t.target.is_none_or(|c| c <= 0.0);
    world.until("cold", 60, |v| v.status.temperatures.values().all(cold)).await;
    changed("archive", door.post(&format!("{path}archive/"), &json!({})));
    world.until("put away", 20, |v| v.archived_at.is_some() && v.pic.is_none()).await;
    world.until("closed", 20, |v| v.status.state.flags.closedOrError).await;
    seen.look(&door, Some(print));
    assert_eq!(door.get("/api/v1/printers/").1, json!([]));
    let all = door.get("/api/v1/printers/?with_archived=true").1;
    assert_eq!(all[0]["id"], json!(printer));
    let connect = format!("/api/v1/vigil/printers/{printer}/connect/");
    assert!(door.post(&connect, &json!({})).0 >= 400, "an archived printer stays closed");
    changed("back", door.post(&format!("{path}unarchive/"), &json!({})));
    changed("connect", door.post(&connect, &json!({})));
    world.until("ready again", 60, |v| v.vigil.can.start && v.archived_at.is_none()).await;
    seen.look(&door, Some(print));

    let here = "the_fields_of_the_record_change_and_are_seen_to";
    let mut same = Vec::new();
    for row in table() {
        let values = seen.0.get(&(row.object.clone(), row.field.clone())).cloned().unwrap_or_default();
        if row.changes == here && values.len() < 2 {
            same.push(format!("{} {}: {values:?}", row.object, row.field));
        }
    }
    assert!(same.is_empty(), "{same:#?}");
    door.world.end().await;
}
