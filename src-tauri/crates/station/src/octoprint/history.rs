//! What OctoPrint notes of each file: when it was printed, for how long, and whether it came to its end.

use domain::{EndedBy, Print, PrintId, PrinterId, Timestamp};
use serde_json::Value;

/// Prints that are taken at most.
const MOST_PRINTS: usize = 20_000;
/// No print takes longer, seconds.
const LONGEST_SECS: f64 = 60.0 * 24.0 * 3600.0;
/// OctoPrint's first year: nothing was printed with it before, seconds since 1970.
const EARLIEST: f64 = 1_325_376_000.0;

/// One print of the past.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PastPrint {
    /// Folders below `uploads`, and the file's name.
    pub(super) path: Vec<String>,
    ended_at: Timestamp,
    secs: Option<f64>,
    finished: bool,
}

impl PastPrint {
    fn started_at(&self) -> Timestamp {
        self.ended_at.plus_secs(-self.secs.unwrap_or(0.0))
    }

    /// Name of the file.
    pub(super) fn name(&self) -> &str {
        self.path.last().map_or("", String::as_str)
    }

    /// Makes the record of it.
    pub(super) fn record(&self, id: PrintId, printer: PrinterId) -> Print {
        let ended = Some(self.ended_at);
        let begun = Print::begin(id, printer, None, self.name().to_owned(), self.started_at());
        let print = Print { print_time: self.secs, ..begun };
        if self.finished {
            return Print { finished_at: ended, ended_by: Some(EndedBy::Finished), ..print };
        }
        let why = "OctoPrint noted that it was not finished, and not why.".to_owned();
        Print { cancelled_at: ended, ended_by: Some(EndedBy::Interrupted), ended_why: Some(why), ..print }
    }
}

/// Reads OctoPrint's notes on the files of one folder. What cannot be is left out; `true` when something was.
pub(super) fn read(folders: &[String], list: &[u8], now: Timestamp) -> (Vec<PastPrint>, bool) {
    let Ok(Value::Object(files)) = serde_json::from_slice(list) else { return (Vec::new(), true) };
    let (mut prints, mut odd) = (Vec::new(), false);
    for (name, notes) in &files {
        let name = domain::display_name(name);
        for entry in notes["history"].as_array().into_iter().flatten() {
            match print(entry, now).filter(|_| !name.is_empty() && prints.len() < MOST_PRINTS) {
                Some((ended_at, secs, finished)) => {
                    let path = folders.iter().cloned().chain([name.clone()]).collect();
                    prints.push(PastPrint { path, ended_at, secs, finished });
                }
                None => odd = true,
            }
        }
    }
    prints.sort_by_key(|print| print.ended_at);
    (prints, odd)
}

fn print(entry: &Value, now: Timestamp) -> Option<(Timestamp, Option<f64>, bool)> {
    let at = entry["timestamp"].as_f64().filter(|at| *at >= EARLIEST && *at < 1e11)?;
    let ended_at = Timestamp::from_micros((at * 1e6) as i64);
    // A clock may have been wrong by a day.
    if ended_at.secs_since(now) > 86_400.0 {
        return None;
    }
    let secs = entry["printTime"].as_f64().filter(|secs| (0.0..LONGEST_SECS).contains(secs));
    Some((ended_at, secs.filter(|secs| *secs > 0.0), entry["success"].as_bool()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_printed_is_read_and_what_cannot_be_is_left_out() {
        let list = br#"{
            "a.gcode": {"hash": "x", "history": [
                {"timestamp": 1700003600.5, "printTime": 3600.5, "success": true, "printerProfile": "_default"},
                {"timestamp": 1700010000, "success": false},
                {"timestamp": 1e300, "success": true}, {"timestamp": "soon", "success": true}, 7]},
            "b.gcode": {"analysis": {}},
            "c.gcode": null
        }"#;
        let now = Timestamp::from_micros(1_800_000_000_000_000);
        let (prints, odd) = read(&["toys".to_owned()], list, now);
        assert!(odd && prints.len() == 2, "{prints:?}");
        let first = prints[0].record(PrintId(7), PrinterId(1));
        assert_eq!(first.started_at.micros(), 1_700_000_000_000_000);
        assert_eq!((first.filename.as_str(), first.print_time), ("a.gcode", Some(3600.5)));
        assert_eq!((first.ended_by, first.ext_id), (Some(EndedBy::Finished), 1_700_000_000));
        let second = prints[1].record(PrintId(8), PrinterId(1));
        assert_eq!((second.ended_by, second.print_time), (Some(EndedBy::Interrupted), None));
        assert_eq!(read(&[], b"[1, 2", now), (Vec::new(), true));
        assert!(
            read(&[], list, Timestamp::from_micros(1_600_000_000_000_000)).0.is_empty(),
            "not from ahead"
        );
    }
}
