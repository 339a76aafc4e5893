//! Prints by what they were made of and why they failed, and what all of them took.

use domain::{EnergyPrice, Outcome, SpoolId, grams_per_mm};
use serde::Serialize;
use std::collections::BTreeMap;
use store::print_stats::PrintFigures;

/// Bars of one chart at most; the longest stay.
const MOST_BARS: usize = 12;
/// Of most printers, mm, and of PLA, g/cm³.
const USUAL: (f64, f64) = (1.75, 1.24);

/// Prints that have something in common.
#[derive(Debug, Clone, Default, PartialEq, Serialize, ts_rs::TS, schemars::JsonSchema)]
pub struct Share {
    /// What: a reason, a material, the name of a spool.
    pub name: String,
    /// The spool, where it is one.
    pub spool: Option<SpoolId>,
    /// Prints that have ended.
    pub prints: u32,
    /// That ended well, and of which nobody said that they failed.
    pub finished: u32,
    /// Filament, g.
    pub grams: f64,
}

/// What prints took together.
#[derive(Debug, Clone, Default, PartialEq, Serialize, ts_rs::TS, schemars::JsonSchema)]
pub struct Taken {
    /// Filament, g.
    pub grams: f64,
    /// Of that, with a spool whose price is known, by that price.
    pub of_spools: f64,
    /// The rest, g: it costs what a kilogram costs.
    pub unpriced_g: f64,
    /// By the person's own watts; null while these are not known.
    pub kwh: Option<f64>,
    /// Of these; null while the price is not known.
    pub energy: Option<f64>,
}

/// Returns the filament of a print, g: of its spools, and the rest of it as its file says or as is usual.
fn grams(print: &PrintFigures) -> (f64, f64) {
    let of_spools: f64 = print.spools.iter().map(|spool| spool.used_g).sum();
    let of_spools_mm: f64 = print.spools.iter().map(|spool| spool.used_mm).sum();
    let length_mm = print.counted_mm.or(print.filament_used_mm).unwrap_or(0.0);
    let rest_mm = (length_mm - of_spools_mm).max(0.0);
    let thicker = (print.diameter_mm / USUAL.0).powi(2);
    let file = print.file_g.zip(print.filament_total_mm).filter(|(_, mm)| *mm > 0.0);
    let per_mm = match file {
        Some((grams, mm)) if print.names_diameter => grams / mm,
        Some((grams, mm)) => grams / mm * thicker,
        None => grams_per_mm(print.diameter_mm, USUAL.1),
    };
    (of_spools, rest_mm * per_mm)
}

/// Returns what prints took together.
pub fn taken(figures: &[PrintFigures], energy: &EnergyPrice) -> Taken {
    let mut all = Taken::default();
    for print in figures {
        let (of_spools, rest) = grams(print);
        all.grams += of_spools + rest;
        all.unpriced_g += rest;
        for spool in &print.spools {
            match spool.cost {
                Some(cost) => all.of_spools += cost,
                None => all.unpriced_g += spool.used_g,
            }
        }
        if let Some(kwh) = print.print_time_secs.and_then(|secs| energy.kwh(print.printer, secs)) {
            *all.kwh.get_or_insert(0.0) += kwh;
        }
    }
    all.energy = energy.cost(all.kwh);
    all
}

type Key = (String, Option<SpoolId>);

fn shares(all: impl Iterator<Item = (Key, bool, f64)>) -> Vec<Share> {
    let mut by_key: BTreeMap<Key, Share> = BTreeMap::new();
    for ((name, spool), finished, grams) in all {
        let share =
            by_key.entry((name.clone(), spool)).or_insert_with(|| Share { name, spool, ..Share::default() });
        share.prints += 1;
        share.finished += u32::from(finished);
        share.grams += grams;
    }
    let mut shares: Vec<Share> = by_key.into_values().collect();
    shares.sort_by_key(|share| std::cmp::Reverse(share.prints));
    shares.truncate(MOST_BARS);
    shares
}

fn ended(figures: &[PrintFigures]) -> impl Iterator<Item = (&PrintFigures, bool)> {
    figures.iter().filter_map(|print| {
        let outcome = Outcome::of(print.ended_by, print.said)?;
        Some((print, outcome == Outcome::Finished))
    })
}

/// Returns why prints failed, in the person's own words, the commonest first.
pub fn by_reason(figures: &[PrintFigures]) -> Vec<Share> {
    shares(ended(figures).filter_map(|(print, finished)| {
        let (of_spools, rest) = grams(print);
        Some(((print.reason.clone()?, None), finished, of_spools + rest))
    }))
}

/// Returns how prints of each material came out: the spool's, else the one that the file was sliced for.
pub fn by_material(figures: &[PrintFigures]) -> Vec<Share> {
    shares(ended(figures).flat_map(|(print, finished)| {
        let (of_spools, rest) = grams(print);
        let mut by_name: BTreeMap<String, f64> = BTreeMap::new();
        for spool in print.spools.iter().filter(|spool| !spool.material.is_empty()) {
            *by_name.entry(spool.material.clone()).or_default() += spool.used_g;
        }
        if by_name.is_empty()
            && let Some(material) = print.material.as_deref().and_then(|all| all.split(';').next())
        {
            by_name.insert(material.trim().to_owned(), of_spools + rest);
        }
        by_name.retain(|name, _| !name.is_empty());
        by_name.into_iter().map(move |(name, grams)| ((name, None), finished, grams))
    }))
}

/// Returns how prints of each spool came out.
pub fn by_spool(figures: &[PrintFigures]) -> Vec<Share> {
    shares(ended(figures).flat_map(|(print, finished)| {
        let key = |spool: &store::print_stats::FigureSpool| (spool.name.clone(), Some(spool.spool));
        print.spools.iter().map(move |spool| (key(spool), finished, spool.used_g))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{AlertOverwrite, EndedBy, PrinterId, Timestamp};
    use store::print_stats::FigureSpool;

    fn print() -> PrintFigures {
        PrintFigures {
            started_at: Timestamp::from_micros(0),
            printer: Some(PrinterId(1)),
            ended_by: Some(EndedBy::Finished),
            ended_why: None,
            said: None,
            alerted: false,
            paused: false,
            print_time_secs: Some(36_000.0),
            filament_used_mm: Some(1000.0),
            demo: false,
            filament_total_mm: None,
            estimated_secs: None,
            reason: None,
            counted_mm: None,
            spools: Vec::new(),
            material: None,
            file_g: None,
            names_diameter: false,
            diameter_mm: 2.85,
        }
    }

    fn spool(id: i64, used_g: f64, cost: Option<f64>) -> FigureSpool {
        let (spool, name, material) = (SpoolId(id), format!("Spool {id}"), "PLA".to_owned());
        FigureSpool { spool, name, material, used_mm: 1000.0, used_g, cost }
    }

    #[test]
    fn what_no_spool_tells_weighs_as_the_file_says_or_as_thick_as_the_printers_filament() {
        let weight = |print: &PrintFigures| (grams(print).1 * 100.0).round() / 100.0;
        assert_eq!(weight(&print()), 7.91);
        let of_file = PrintFigures { file_g: Some(6.0), filament_total_mm: Some(2000.0), ..print() };
        assert_eq!(weight(&of_file), 7.96, "the file named no diameter");
        assert_eq!(weight(&PrintFigures { names_diameter: true, ..of_file }), 3.0);
    }

    #[test]
    fn less_by_a_lower_flow_is_no_rest_of_another_spool() {
        let used = FigureSpool { used_mm: 900.0, ..spool(1, 2.7, None) };
        let print = PrintFigures { counted_mm: Some(900.0), spools: vec![used], ..print() };
        assert_eq!(grams(&print), (2.7, 0.0));
    }

    #[test]
    fn costs_go_by_the_spools_and_the_rest_is_told_apart() {
        let priced = PrintFigures { spools: vec![spool(1, 3.0, Some(0.06))], ..print() };
        let unpriced = PrintFigures { spools: vec![spool(2, 4.0, None)], ..print() };
        let energy = EnergyPrice { per_kwh: Some(0.5), watts: Some(100.0), ..EnergyPrice::default() };
        let all = taken(&[priced, unpriced], &energy);
        assert_eq!((all.grams, all.of_spools, all.unpriced_g), (7.0, 0.06, 4.0));
        assert_eq!((all.kwh, all.energy), (Some(2.0), Some(1.0)));
        assert_eq!(taken(&[print()], &EnergyPrice::default()).kwh, None);
    }

    #[test]
    fn a_print_counts_for_each_of_its_spools_and_its_reason() {
        let two = PrintFigures { spools: vec![spool(1, 3.0, None), spool(2, 1.0, None)], ..print() };
        let failed = PrintFigures {
            said: Some(AlertOverwrite::Failed),
            reason: Some("Tangle".into()),
            spools: vec![spool(1, 2.0, None)],
            ..print()
        };
        let sliced = PrintFigures { material: Some("PETG;PETG".into()), ..print() };
        let open = PrintFigures { ended_by: None, reason: Some("Tangle".into()), ..print() };
        let figures = [two, failed, sliced, open];
        let spools: Vec<_> =
            by_spool(&figures).into_iter().map(|s| (s.name, s.prints, s.finished, s.grams)).collect();
        assert_eq!(spools, [("Spool 1".to_owned(), 2, 1, 5.0), ("Spool 2".to_owned(), 1, 1, 1.0)]);
        let names: Vec<_> =
            by_material(&figures).into_iter().map(|s| (s.name, s.prints, s.finished)).collect();
        assert_eq!(names, [("PLA".to_owned(), 2, 1), ("PETG".to_owned(), 1, 1)]);
        let reasons: Vec<_> = by_reason(&figures).into_iter().map(|s| (s.name, s.prints)).collect();
        assert_eq!(reasons, [("Tangle".to_owned(), 1)], "one under way counts when it has ended");
    }
}
