//! What a person enters of a spool.

use crate::limits::{self, Limit};
use crate::{Spool, SpoolId, Timestamp, material_named};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Longest name of a spool, of who made it, of where it lies; characters.
pub const LONGEST_SPOOL_WORD: usize = 64;
/// Longest notes on a spool, characters.
pub const LONGEST_SPOOL_NOTES: usize = 2000;
/// Density where nobody says it and the material is not known: that of PLA, g/cm³.
const USUAL_DENSITY: f64 = 1.24;

/// A spool as a person enters it. What is absent is as it usually is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[ts(optional_fields = nullable)]
pub struct SpoolForm {
    /// Such as "Teal matt", 1 to 64 characters.
    pub name: String,
    /// Who made it.
    pub vendor: String,
    /// Such as `PLA`.
    pub material: String,
    /// `#rrggbb`.
    pub color: Option<String>,
    /// mm, 1.75 unless said.
    pub diameter_mm: f64,
    /// g/cm³; null is that of the material.
    pub density: Option<f64>,
    /// Filament on the full spool, g; 1000 unless said.
    pub net_g: f64,
    /// What the spool weighs without filament, g.
    pub empty_g: Option<f64>,
    /// Of the full spool, in the currency of the filament's price.
    pub price: Option<f64>,
    /// Where it lies.
    pub location: String,
    /// The person's own words.
    pub notes: String,
    /// Of the nozzle, °C.
    pub hotend_c: Option<f64>,
    /// °C.
    pub bed_c: Option<f64>,
    /// It is put away: it is empty, or given away.
    pub archived: bool,
    /// Left now, g. Null: as it was counted; of a new spool: all of it.
    pub left_g: Option<f64>,
}

impl Default for SpoolForm {
    fn default() -> Self {
        Self {
            name: String::new(),
            vendor: String::new(),
            material: String::new(),
            color: None,
            diameter_mm: 1.75,
            density: None,
            net_g: 1000.0,
            empty_g: None,
            price: None,
            location: String::new(),
            notes: String::new(),
            hotend_c: None,
            bed_c: None,
            archived: false,
            left_g: None,
        }
    }
}

impl SpoolForm {
    /// Checks it.
    ///
    /// # Errors
    /// A sentence that says what does not fit.
    pub fn check(&self) -> Result<(), String> {
        if self.name.trim().is_empty() {
            return Err("a spool needs a name".into());
        }
        let words = [
            ("name", &self.name),
            ("maker", &self.vendor),
            ("material", &self.material),
            ("place", &self.location),
        ];
        for (what, word) in words {
            if word.trim().chars().count() > LONGEST_SPOOL_WORD || word.chars().any(char::is_control) {
                return Err(format!(
                    "the {what} of a spool has at most {LONGEST_SPOOL_WORD} characters that can be seen"
                ));
            }
        }
        if self.notes.chars().count() > LONGEST_SPOOL_NOTES {
            return Err(format!("notes on a spool have at most {LONGEST_SPOOL_NOTES} characters"));
        }
        if self.color.as_deref().is_some_and(|color| !is_color(color)) {
            return Err("a colour is written as # and six digits from 0 to f, such as #18a0a0".into());
        }
        within("the diameter of the filament", Some(self.diameter_mm), limits::FILAMENT_DIAMETER)?;
        within("the density", self.density, limits::DENSITY)?;
        within("the filament on a full spool", Some(self.net_g), limits::SPOOL_NET)?;
        within("the empty spool's weight", self.empty_g, limits::SPOOL_EMPTY)?;
        within("the price", self.price, limits::SPOOL_PRICE)?;
        within("what is left", self.left_g, Limit { min: 0.0, ..limits::SPOOL_NET })?;
        within("the nozzle's temperature", self.hotend_c, limits::SPOOL_HOTEND)?;
        within("the bed's temperature", self.bed_c, limits::SPOOL_BED)
    }

    /// Returns the spool. `before`: what it was, if it was there.
    pub fn into_spool(self, before: Option<&Spool>, now: Timestamp) -> Spool {
        let by_material = material_named(&self.material).map(|material| material.density);
        let archived_at = before.and_then(|spool| spool.archived_at).or(Some(now)).filter(|_| self.archived);
        Spool {
            id: before.map_or(SpoolId(0), |spool| spool.id),
            name: self.name.trim().to_owned(),
            vendor: self.vendor.trim().to_owned(),
            material: self.material.trim().to_owned(),
            color: self.color.map(|color| color.to_ascii_lowercase()),
            diameter_mm: self.diameter_mm,
            density: self.density.or(by_material).unwrap_or(USUAL_DENSITY),
            net_g: self.net_g,
            empty_g: self.empty_g,
            price: self.price,
            location: self.location.trim().to_owned(),
            notes: self.notes,
            hotend_c: self.hotend_c,
            bed_c: self.bed_c,
            archived_at,
            created_at: before.map_or(now, |spool| spool.created_at),
            spoolman_id: before.and_then(|spool| spool.spoolman_id),
        }
    }
}

/// Returns whether this is a colour as `#rrggbb`.
pub fn is_color(text: &str) -> bool {
    let digits = text.strip_prefix('#');
    digits.is_some_and(|digits| digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn within(what: &str, value: Option<f64>, limit: Limit) -> Result<(), String> {
    match value {
        // A NaN is in no range, either.
        Some(value) if !limit.has(value) => {
            let Limit { min, max, unit, .. } = limit;
            Err(format!("{what} is {min} to {max}{unit}, not {value}"))
        }
        Some(_) | None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form() -> SpoolForm {
        SpoolForm { name: " Teal ".into(), material: "PETG".into(), ..SpoolForm::default() }
    }

    #[test]
    fn the_material_tells_the_density_unless_a_person_does() {
        let now = Timestamp::from_micros(5);
        let spool = form().into_spool(None, now);
        assert_eq!((spool.name.as_str(), spool.density, spool.archived_at), ("Teal", 1.27, None));
        let own = SpoolForm { density: Some(1.3), archived: true, ..form() }.into_spool(Some(&spool), now);
        assert_eq!((own.density, own.archived_at), (1.3, Some(now)));
        let later = SpoolForm { archived: true, ..form() }.into_spool(Some(&own), Timestamp::from_micros(9));
        assert_eq!(later.archived_at, Some(now), "put away since then");
    }

    #[test]
    fn what_no_spool_is_like_is_refused_in_words() {
        assert_eq!(form().check(), Ok(()));
        let refused = |form: SpoolForm| form.check().unwrap_err();
        assert_eq!(refused(SpoolForm::default()), "a spool needs a name");
        assert_eq!(
            refused(SpoolForm { diameter_mm: 0.4, ..form() }),
            "the diameter of the filament is 1 to 4 mm, not 0.4"
        );
        for wrong in [
            SpoolForm { name: "x".repeat(65), ..form() },
            SpoolForm { vendor: "a\nb".into(), ..form() },
            SpoolForm { color: Some("teal".into()), ..form() },
            SpoolForm { color: Some("#12345g".into()), ..form() },
            SpoolForm { density: Some(0.0), ..form() },
            SpoolForm { net_g: f64::NAN, ..form() },
            SpoolForm { empty_g: Some(-1.0), ..form() },
            SpoolForm { price: Some(f64::INFINITY), ..form() },
            SpoolForm { left_g: Some(-0.1), ..form() },
            SpoolForm { hotend_c: Some(900.0), ..form() },
        ] {
            refused(wrong);
        }
    }
}
