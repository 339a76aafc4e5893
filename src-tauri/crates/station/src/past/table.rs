//! Past prints as a table for spreadsheets.

use domain::PrintView;

/// Returns prints as a table for spreadsheets.
pub fn history_table(prints: &[PrintView]) -> String {
    let mut text = String::from(
        "id,printer,file,started_at,ended_at,result,print_time_s,filament_mm,alerts,paused_by_watch,your_word,reason,watched,tags,notes\n",
    );
    for print in prints {
        let word = |value: Option<serde_json::Value>| {
            value.and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
        };
        let number = |value: Option<f64>| value.map(|n| n.to_string()).unwrap_or_default();
        let cells = [
            print.id.to_string(),
            print.printer.map(|id| id.to_string()).unwrap_or_default(),
            print.filename.clone(),
            print.started_at.to_string(),
            print.ended_at.map(|at| at.to_string()).unwrap_or_default(),
            word(print.vigil.ended_by.and_then(|by| serde_json::to_value(by).ok())),
            number(print.print_time),
            number(print.filament_used),
            print.vigil.alerts.to_string(),
            print.paused_at.map(|at| at.to_string()).unwrap_or_default(),
            word(print.alert_overwrite.and_then(|said| serde_json::to_value(said).ok())),
            print.vigil.reason.clone().unwrap_or_default(),
            number(print.vigil.watched.map(|share| (share * 1000.0).round() / 1000.0)),
            print.vigil.tags.join(" "),
            print.vigil.notes.clone(),
        ];
        let line: Vec<String> = cells.iter().map(|cell| csv(cell)).collect();
        text += &line.join(",");
        text.push('\n');
    }
    text
}

/// Returns a cell of a CSV file: quoted where it must be, and never a formula for the program that opens it.
pub(crate) fn csv(cell: &str) -> String {
    let harmless =
        if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.into() };
    if harmless.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", harmless.replace('"', "\"\""))
    } else {
        harmless
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_and_run_nothing() {
        assert_eq!(csv("part.gcode"), "part.gcode");
        assert_eq!(csv("a, \"b\"\nc"), "\"a, \"\"b\"\"\nc\"");
        assert_eq!(csv("=HYPERLINK(1)"), "'=HYPERLINK(1)");
    }
}
