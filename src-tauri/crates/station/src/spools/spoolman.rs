//! Spools as Spoolman's REST API gives them: read from its export, and written so that others who know it can read them.

use super::{MOST_SPOOLS, Spools, too_many};
use crate::error::{StationError, blocking};
use domain::{
    LONGEST_SPOOL_NOTES, LONGEST_SPOOL_WORD, Spool, SpoolForm, SpoolView, Timestamp, is_color, one_line,
};
use serde::Serialize;
use serde_json::{Map, Value, json};
use store::spool;

/// Reasons that are given at most, one for each spool that cannot be taken.
const MOST_REASONS: usize = 20;

/// A spool that would be, or was, taken in.
#[derive(Debug, Clone, PartialEq, Serialize, ts_rs::TS, schemars::JsonSchema)]
pub struct SpoolmanSpool {
    /// Its name here.
    pub name: String,
    /// Such as `PLA`.
    pub material: String,
    /// Left, g.
    pub left_g: f64,
}

/// What becomes of an export of Spoolman.
#[derive(Debug, Clone, Default, PartialEq, Serialize, ts_rs::TS, schemars::JsonSchema)]
pub struct SpoolmanImport {
    /// What is new.
    pub spools: Vec<SpoolmanSpool>,
    /// So many are here already, and stay as they are.
    pub known: u32,
    /// Why others cannot be taken, for people.
    pub left_out: Vec<String>,
    /// They were taken in; else they were only looked at.
    pub done: bool,
}

/// A spool as it was read, of which so much was used, g.
type Read = (Spool, f64);

impl Spools {
    /// Returns all spools as Spoolman's API gives them. Blocks.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn to_spoolman(&self) -> Result<Vec<Value>, StationError> {
        Ok(self.store.read(spool::list)?.iter().map(written).collect())
    }

    /// Takes in an export of Spoolman, or only says what would come. What is here already stays as it is.
    ///
    /// # Errors
    /// Refused when it is no such export; and when it cannot be stored.
    pub async fn from_spoolman(
        &self,
        export: Value,
        look_only: bool,
    ) -> Result<SpoolmanImport, StationError> {
        let (spools, now) = (self.clone(), self.now());
        let all = all_of(export)?;
        let (new, mut told) = blocking(move || {
            let here = spools.store.read(spool::list)?;
            let (new, told) = sorted(&all, &here, now);
            if here.len() + new.len() > MOST_SPOOLS { Err(too_many()) } else { Ok((new, told)) }
        })
        .await??;
        if !look_only && !new.is_empty() {
            let added = self.write(move |tx| {
                for (spool, used_g) in &new {
                    spool::insert(tx, spool, *used_g)?;
                }
                Ok(())
            });
            added.await?;
        }
        told.done = !look_only;
        Ok(told)
    }
}

/// Returns the spools of an export, which is an array of them.
fn all_of(export: Value) -> Result<Vec<Value>, StationError> {
    let no_export = || {
        let hint = "In Spoolman, choose Export, Spools, JSON; or save what its address /api/v1/spool shows.";
        StationError::refused("bad_request", "this is no list of spools as Spoolman exports it", hint)
    };
    let Value::Array(all) = export else { return Err(no_export()) };
    if all.is_empty() || !all.iter().all(Value::is_object) {
        return Err(no_export());
    }
    if all.len() > MOST_SPOOLS {
        let message = format!("so many spools are taken at once at most: {MOST_SPOOLS}");
        return Err(StationError::refused("too_many", message, "Split the file."));
    }
    Ok(all)
}

fn sorted(all: &[Value], here: &[SpoolView], now: Timestamp) -> (Vec<Read>, SpoolmanImport) {
    let (mut new, mut told) = (Vec::new(), SpoolmanImport::default());
    for value in all {
        match read(&nested(value), now) {
            Ok((spool, _)) if here.iter().any(|view| is_same(&view.spool, &spool)) => told.known += 1,
            Ok((spool, used_g)) => {
                told.spools.push(SpoolmanSpool {
                    name: spool.name.clone(),
                    material: spool.material.clone(),
                    left_g: spool.net_g - used_g,
                });
                new.push((spool, used_g));
            }
            Err(why) if told.left_out.len() < MOST_REASONS => told.left_out.push(why),
            Err(_) => (),
        }
    }
    (new, told)
}

/// Returns whether a spool of an export is this one: it came from there before, or the export is one of ours.
fn is_same(here: &Spool, read: &Spool) -> bool {
    let same_time = here.created_at.secs_since(read.created_at).abs() < 1.0;
    let numbers = [here.spoolman_id, Some(here.id.get())];
    read.spoolman_id.is_some() && numbers.contains(&read.spoolman_id) && same_time
}

/// An export may be flat, with `filament.vendor.name`: returns it with one object in the other, as the API has it.
fn nested(flat: &Value) -> Value {
    let mut all = Map::new();
    for (key, value) in flat.as_object().into_iter().flatten() {
        let mut at = &mut all;
        let mut parts: Vec<&str> = key.splitn(3, '.').collect();
        let last = parts.pop().unwrap_or_default();
        for part in parts {
            let inner = at.entry(part).or_insert_with(|| Value::Object(Map::new()));
            if !inner.is_object() {
                *inner = Value::Object(Map::new());
            }
            let Value::Object(inner) = inner else { return Value::Object(all) };
            at = inner;
        }
        at.insert(last.to_owned(), value.clone());
    }
    Value::Object(all)
}

fn number(value: &Value) -> Option<f64> {
    // Tables write numbers as texts.
    let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())?;
    Some(number).filter(|number| number.is_finite())
}

fn word(value: &Value) -> String {
    one_line(value.as_str().unwrap_or_default(), LONGEST_SPOOL_WORD).trim().to_owned()
}

fn first(all: &[&Value]) -> Option<f64> {
    all.iter().find_map(|value| number(value))
}

/// Reads one spool.
///
/// # Errors
/// A sentence that says why it cannot be taken.
fn read(value: &Value, now: Timestamp) -> Result<Read, String> {
    let filament = &value["filament"];
    let vendor = &filament["vendor"];
    let id = number(&value["id"]).map(|id| id as i64);
    let (used, rest) = (number(&value["used_weight"]), number(&value["remaining_weight"]));
    let whole = first(&[&value["initial_weight"], &filament["weight"]]).filter(|grams| *grams > 0.0);
    let net_g = whole.or_else(|| rest.zip(used).map(|(rest, used)| rest + used)).or(rest).unwrap_or(1000.0);
    let material = word(&filament["material"]);
    let named = [word(&filament["name"]), material.clone()].into_iter().find(|name| !name.is_empty());
    let lot = word(&value["lot_nr"]);
    let notes = [value["comment"].as_str().unwrap_or_default().to_owned(), lot].join("\n");
    let form = SpoolForm {
        name: named.unwrap_or_else(|| format!("Spool {}", id.unwrap_or_default())),
        vendor: word(&vendor["name"]),
        material,
        color: color(filament),
        diameter_mm: number(&filament["diameter"]).unwrap_or(1.75),
        density: number(&filament["density"]),
        net_g,
        empty_g: first(&[&value["spool_weight"], &filament["spool_weight"], &vendor["empty_spool_weight"]]),
        price: first(&[&value["price"], &filament["price"]]),
        location: word(&value["location"]),
        notes: notes
            .trim()
            .chars()
            .filter(|c| !c.is_control() || *c == '\n')
            .take(LONGEST_SPOOL_NOTES)
            .collect(),
        hotend_c: number(&filament["settings_extruder_temp"]),
        bed_c: number(&filament["settings_bed_temp"]),
        archived: value["archived"].as_bool().unwrap_or(false),
        left_g: None,
    };
    form.check().map_err(|why| match id {
        Some(id) => format!("Spool {id} of Spoolman: {why}."),
        None => format!("A spool without a number: {why}."),
    })?;
    let used_g = rest.map(|rest| net_g - rest).or(used).unwrap_or(0.0).clamp(0.0, net_g);
    let registered = value["registered"].as_str().and_then(moment).unwrap_or(now);
    Ok((Spool { spoolman_id: id, created_at: registered, ..form.into_spool(None, now) }, used_g))
}

fn moment(text: &str) -> Option<Timestamp> {
    // Some versions write no zone: it is UTC.
    text.parse().or_else(|_| format!("{text}Z").parse()).ok()
}

fn color(filament: &Value) -> Option<String> {
    let several = filament["multi_color_hexes"].as_str().and_then(|all| all.split(',').next());
    let hex = filament["color_hex"].as_str().filter(|hex| !hex.is_empty()).or(several)?;
    let digits: String = hex.trim().trim_start_matches('#').chars().take(6).collect();
    Some(format!("#{digits}")).filter(|color| is_color(color))
}

/// Returns one spool as Spoolman's API gives it.
fn written(view: &SpoolView) -> Value {
    let spool = &view.spool;
    let or_null = |text: &str| if text.is_empty() { Value::Null } else { text.into() };
    let vendor = if spool.vendor.is_empty() {
        Value::Null
    } else {
        json!({"name": spool.vendor, "registered": spool.created_at, "extra": {}})
    };
    json!({
        "id": spool.id,
        "registered": spool.created_at,
        "filament": {
            "id": spool.id,
            "registered": spool.created_at,
            "name": spool.name,
            "vendor": vendor,
            "material": or_null(&spool.material),
            "price": spool.price,
            "density": spool.density,
            "diameter": spool.diameter_mm,
            "weight": spool.net_g,
            "spool_weight": spool.empty_g,
            "settings_extruder_temp": spool.hotend_c.map(f64::round),
            "settings_bed_temp": spool.bed_c.map(f64::round),
            "color_hex": spool.color.as_deref().map(|color| color.trim_start_matches('#').to_ascii_uppercase()),
            "extra": {},
        },
        "price": spool.price,
        "initial_weight": spool.net_g,
        "spool_weight": spool.empty_g,
        "remaining_weight": view.left_g,
        "used_weight": spool.net_g - view.left_g,
        "remaining_length": view.left_mm,
        "used_length": spool.length_mm(spool.net_g - view.left_g),
        "location": or_null(&spool.location),
        "comment": or_null(&spool.notes),
        "archived": spool.archived_at.is_some(),
        "extra": {},
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::SpoolId;

    fn of_api() -> Value {
        json!({
            "id": 42, "registered": "2024-03-01T10:00:00Z", "location": "Shelf B", "lot_nr": "L7", "comment": "dry it",
            "filament": {
                "id": 3, "name": "Galaxy Black", "material": "PETG", "density": 1.27, "diameter": 2.85, "weight": 750.0,
                "spool_weight": 230.0, "price": 30.0, "color_hex": "1A2B3C", "settings_extruder_temp": 245,
                "settings_bed_temp": 85, "vendor": {"id": 1, "name": "Acme", "empty_spool_weight": 200.0},
            },
            "remaining_weight": 500.0, "used_weight": 250.0, "archived": false,
        })
    }

    fn now() -> Timestamp {
        "2026-01-01T00:00:00Z".parse().unwrap()
    }

    #[test]
    fn a_spool_of_the_api_comes_with_all_that_we_keep() {
        let (spool, used_g) = read(&nested(&of_api()), now()).unwrap();
        assert_eq!((spool.name.as_str(), spool.vendor.as_str()), ("Galaxy Black", "Acme"));
        assert_eq!((spool.net_g, used_g, spool.empty_g), (750.0, 250.0, Some(230.0)));
        assert_eq!((spool.diameter_mm, spool.density, spool.price), (2.85, 1.27, Some(30.0)));
        assert_eq!((spool.hotend_c, spool.bed_c), (Some(245.0), Some(85.0)));
        assert_eq!((spool.color.as_deref(), spool.location.as_str()), (Some("#1a2b3c"), "Shelf B"));
        assert_eq!((spool.notes.as_str(), spool.spoolman_id), ("dry it\nL7", Some(42)));
        assert_eq!(spool.created_at.to_string(), "2024-03-01T10:00:00.000000Z");
    }

    #[test]
    fn a_flat_export_says_the_same() {
        let flat = json!({
            "id": 42, "registered": "2024-03-01T10:00:00", "filament.name": "Galaxy Black", "filament.material": "PETG",
            "filament.density": 1.27, "filament.diameter": "2.85", "filament.weight": 750.0,
            "filament.vendor.name": "Acme", "used_weight": 250.0,
        });
        let (spool, used_g) = read(&nested(&flat), now()).unwrap();
        assert_eq!(
            (spool.vendor.as_str(), spool.diameter_mm, spool.net_g, used_g),
            ("Acme", 2.85, 750.0, 250.0)
        );
    }

    #[test]
    fn what_is_here_stays_and_what_cannot_be_is_said() {
        let (spool, used_g) = read(&nested(&of_api()), now()).unwrap();
        let here = SpoolView {
            spool: Spool { id: SpoolId(1), ..spool },
            used_g,
            left_g: 500.0,
            left_mm: 0.0,
            about: false,
            overdrawn: false,
            low: false,
            measured_at: None,
            prints: 0,
            loaded: None,
        };
        let mut broken = of_api();
        broken["filament"]["diameter"] = json!(99);
        let mut other = of_api();
        other["id"] = json!(43);
        let (new, told) = sorted(&[of_api(), broken, other], std::slice::from_ref(&here), now());
        assert_eq!((new.len(), told.known), (1, 1));
        assert_eq!(
            told.left_out,
            ["Spool 42 of Spoolman: the diameter of the filament is 1 to 4 mm, not 99."]
        );
        // Our own export is known again, too.
        let own = Spool { spoolman_id: None, id: SpoolId(7), ..here.spool.clone() };
        let own = SpoolView { spool: own, ..here };
        let (new, told) = sorted(&[written(&own)], std::slice::from_ref(&own), now());
        assert_eq!((new.len(), told.known), (0, 1));
        let (spool, used_g) = read(&written(&own), now()).unwrap();
        assert_eq!((spool.net_g - used_g, spool.color), (500.0, own.spool.color));
    }

    #[test]
    fn what_is_no_export_is_refused() {
        for wrong in [json!({}), json!([]), json!([1]), json!("x"), Value::Null] {
            assert!(all_of(wrong.clone()).is_err(), "{wrong}");
        }
        let odd = json!({"filament": 3, "filament.name": {"a": []}, "id": "x", "registered": 5});
        assert!(read(&nested(&odd), now()).is_ok(), "whatever it is, it is a spool with the usual values");
    }
}
