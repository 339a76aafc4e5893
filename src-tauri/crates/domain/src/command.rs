//! Lines that people type: what can be sent, what is asked about first, what is not sent at all; and macros.

use parser::Command;
use std::collections::BTreeMap;

/// Longest line that fits with its number and checksum into what firmwares take.
pub const LONGEST_COMMAND: usize = 81;
/// Most lines of a macro.
pub const MOST_MACRO_LINES: usize = 500;

/// Whether a print is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Busyness {
    /// Nothing is printed.
    Idle,
    /// A print is under way, perhaps paused.
    Printing,
}

/// What becomes of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judgement {
    /// It may be sent.
    Fine,
    /// A person is asked first, with this text.
    Ask(String),
    /// It is not sent, for this reason.
    Refuse(String),
}

/// Cleans a typed line: no comment, no blanks around it, its first letter in capitals.
///
/// # Errors
/// A text for people.
pub fn clean_command(typed: &str) -> Result<String, String> {
    let line = typed.split(';').next().unwrap_or_default().trim();
    if line.is_empty() {
        return Err("there is no command in this line".into());
    }
    if !line.chars().all(|c| (' '..='~').contains(&c)) {
        return Err("a command has plain letters, digits and signs only, in one line".into());
    }
    if line.contains('*') {
        return Err("leave out the checksum: it is added by itself".into());
    }
    if line.len() > LONGEST_COMMAND {
        return Err(format!("a command has at most {LONGEST_COMMAND} characters, this one {}", line.len()));
    }
    let numbered =
        line.strip_prefix(['N', 'n']).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    if numbered {
        return Err("leave out the line number: it is added by itself".into());
    }
    // Firmwares know no `g1`; names of extended commands and texts stay as they are.
    let (code, rest) = cut(line);
    let plain = code.len() > 1 && code[1..].chars().all(|c| c.is_ascii_digit() || c == '.');
    Ok(if plain { format!("{}{rest}", code.to_ascii_uppercase()) } else { line.to_owned() })
}

/// Cuts a line into its code (`G28`, `M104`) and what follows, blanks included.
pub fn cut(line: &str) -> (&str, &str) {
    let is_code = |(i, c): &(usize, char)| *i == 0 || c.is_ascii_digit() || *c == '.';
    let end = line.char_indices().find(|at| !is_code(at)).map_or(line.len(), |(i, _)| i);
    line.split_at(end)
}

/// Returns the number behind a letter, as in `S200`.
pub fn parameter(rest: &str, letter: char) -> Option<f64> {
    rest.split(' ').find_map(|word| word.strip_prefix(letter))?.parse().ok()
}

/// The hottest that is set without a question, degrees Celsius.
const HOTTEST_NOZZLE_C: f64 = 300.0;
/// As [`HOTTEST_NOZZLE_C`], of the bed.
const HOTTEST_BED_C: f64 = 120.0;
/// As [`HOTTEST_NOZZLE_C`], of the chamber.
const HOTTEST_CHAMBER_C: f64 = 80.0;

/// Says whether a cleaned line may be sent now. It is read as the firmware reads it: `M 112` and `m0112` are M112.
pub fn judge(line: &str, busyness: Busyness) -> Judgement {
    let Some(command) = Command::of(line) else {
        return Judgement::Refuse("there is no command in this line".into());
    };
    let refuse = |why: &str| Judgement::Refuse(why.to_owned());
    match command.code() {
        ('M', 112) => return refuse("use STOP for an emergency: it works at once, whatever waits"),
        ('M', 110) => return refuse("line numbers are counted by the app: M110 would break the link"),
        ('M', 28 | 29 | 928) => {
            return refuse("this writes all that follows to the card: it would break the link");
        }
        ('M', 575 | 997) => return refuse("this ends the link: use the printer's own display"),
        _ => (),
    }
    let judged = match busyness {
        Busyness::Idle => judge_idle(&command),
        Busyness::Printing => judge_printing(&command),
    };
    match (judged, too_hot(&command)) {
        (Judgement::Fine, Some(text)) => Judgement::Ask(text),
        (judged, _) => judged,
    }
}

/// Says what is dangerous about the temperature that a command sets, if it is more than usual machines stand.
fn too_hot(command: &Command<'_>) -> Option<String> {
    let (name, most) = match command.code() {
        ('M', 303) if command.value('E').is_some_and(|heater| heater < 0.0) => ("bed", HOTTEST_BED_C),
        ('M', 104 | 109 | 303) => ("nozzle", HOTTEST_NOZZLE_C),
        ('M', 140 | 190) => ("bed", HOTTEST_BED_C),
        ('M', 141 | 191) => ("chamber", HOTTEST_CHAMBER_C),
        _ => return None,
    };
    let wanted = ['S', 'R'].into_iter().filter_map(|letter| command.value(letter)).fold(0.0, f64::max);
    (wanted > most).then(|| {
        format!(
            "This heats the {name} to {wanted:.0} °C. More than {most:.0} °C can damage the printer or set it on fire."
        )
    })
}

fn judge_idle(command: &Command<'_>) -> Judgement {
    let ask = |what: &str| Judgement::Ask(what.to_owned());
    match command.code() {
        ('M', 502) => ask("M502 puts all settings of the printer back to those of the factory."),
        ('M', 500) => ask("M500 overwrites the settings that the printer keeps."),
        ('M', 303) => ask("M303 heats to test the heater. Stay at the printer."),
        ('M', 30) => ask("M30 deletes a file on the printer's card."),
        ('M', 81) => ask("M81 switches the printer's power off."),
        ('M', 302) => {
            ask("M302 lets the printer push cold filament, which can grind it or block the nozzle.")
        }
        ('M', 0 | 1 | 600 | 226) => ask("The printer will wait for somebody at its display."),
        _ => Judgement::Fine,
    }
}

fn judge_printing(command: &Command<'_>) -> Judgement {
    match command.code() {
        // Questions, and what can be tuned.
        (
            'M',
            105 | 114 | 115 | 119 | 27 | 31 | 503 | 106 | 107 | 117 | 118 | 155 | 204 | 205 | 220 | 221 | 290
            | 300 | 355 | 73 | 75 | 77 | 78 | 900 | 150 | 113,
        ) => Judgement::Fine,
        ('M', 420) if command.has('V') && !command.has('S') => Judgement::Fine,
        ('M', 104 | 140 | 141) if command.value('S').is_some_and(|c| c > 0.0) => Judgement::Fine,
        ('M', 104 | 140 | 141) => {
            Judgement::Refuse("the print would go on cold: pause it, or use Cool down".into())
        }
        ('M', 109 | 190 | 191) => {
            Judgement::Refuse("the print would stand still until it is hot: use M104 or M140".into())
        }
        ('M', 24 | 25 | 0 | 1 | 600 | 226) => {
            Judgement::Refuse("use Pause: then the app knows where the head is".into())
        }
        ('G' | 'T', _) => {
            Judgement::Refuse("moves and modes would spoil the print: wait for its end, or cancel it".into())
        }
        (
            'M',
            17 | 18 | 84 | 82 | 83 | 92 | 201 | 203 | 206 | 302 | 303 | 410 | 428 | 501 | 502 | 540 | 665
            | 666 | 81 | 85 | 851 | 999 | 23 | 32 | 21 | 22 | 30,
        ) => Judgement::Refuse("this would spoil the print: wait for its end, or cancel it".into()),
        ('M', number) => {
            Judgement::Ask(format!("A print is under way, and M{number} is not known to be harmless to it."))
        }
        _ => Judgement::Ask(format!(
            "A print is under way, and {} is not known to be harmless to it.",
            command.name()
        )),
    }
}

/// Fills in the placeholders of a macro and returns its cleaned lines. Nothing is evaluated.
///
/// # Errors
/// A text for people: an unknown placeholder, one without a value, or a line that cannot be sent.
pub fn expand_macro(body: &str, values: &BTreeMap<&str, Option<f64>>) -> Result<Vec<String>, String> {
    let mut lines = Vec::new();
    for (number, typed) in body.lines().enumerate() {
        let typed = typed.split(';').next().unwrap_or_default().trim();
        if typed.is_empty() {
            continue;
        }
        let at = |why: String| format!("line {}: {why}", number + 1);
        let filled = fill(typed, values).map_err(at)?;
        lines.push(clean_command(&filled).map_err(at)?);
    }
    match lines.len() {
        0 => Err("this macro has no commands".into()),
        n if n > MOST_MACRO_LINES => {
            Err(format!("a macro has at most {MOST_MACRO_LINES} commands, this one {n}"))
        }
        _ => Ok(lines),
    }
}

fn fill(line: &str, values: &BTreeMap<&str, Option<f64>>) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = line;
    while let Some((before, behind)) = rest.split_once('{') {
        let (name, after) = behind.split_once('}').ok_or("a { without its }")?;
        out.push_str(before);
        match values.get(name.trim()) {
            Some(Some(value)) => out.push_str(&value.to_string()),
            Some(None) => return Err(format!("the printer has not told {{{name}}}")),
            None => {
                let known: Vec<String> = values.keys().map(|name| format!("{{{name}}}")).collect();
                return Err(format!("there is no {{{name}}}; there are {}", known.join(", ")));
            }
        }
        rest = after;
    }
    Ok(out + rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_lines_are_cleaned_or_refused() {
        assert_eq!(clean_command("  g28 x ; home\n").as_deref(), Ok("G28 x"));
        assert_eq!(clean_command("m117 Hello you").as_deref(), Ok("M117 Hello you"));
        assert_eq!(
            clean_command("SET_PRESSURE_ADVANCE ADVANCE=0.05").as_deref(),
            Ok("SET_PRESSURE_ADVANCE ADVANCE=0.05")
        );
        for bad in
            ["", "; only words", "G28\nM112", "G1 X1*55", "N5 G28", "M117 \u{e9}", &"M117 x".repeat(20)]
        {
            assert!(clean_command(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn what_spoils_a_print_is_refused_and_what_is_unknown_is_asked() {
        use Busyness::{Idle, Printing};
        for line in ["M105", "M220 S90", "M104 S210", "M106 S80", "M420 V"] {
            assert_eq!(judge(line, Printing), Judgement::Fine, "{line}");
        }
        for line in
            ["G1 X1", "G28", "M104 S0", "M104", "M109 S200", "M84", "T1", "M112", "M110", "M28 x", "M25"]
        {
            assert!(matches!(judge(line, Printing), Judgement::Refuse(_)), "{line}");
        }
        assert!(matches!(judge("M808", Printing), Judgement::Ask(_)));
        for line in ["G1 X1", "M104 S0", "M84", "T1", "M109 S200"] {
            assert_eq!(judge(line, Idle), Judgement::Fine, "{line}");
        }
        for line in ["M112", "M110", "M29", "M997"] {
            assert!(matches!(judge(line, Idle), Judgement::Refuse(_)), "{line}");
        }
        assert!(matches!(judge("M502", Idle), Judgement::Ask(_)));
    }

    #[test]
    fn a_line_is_judged_as_the_firmware_reads_it_however_it_was_typed() {
        use Busyness::{Idle, Printing};
        for line in ["M 112", "M0112", "M112 P0", "M65648"] {
            assert!(matches!(judge(line, Idle), Judgement::Refuse(_)), "{line}");
        }
        for line in ["M 104 S0", "M104S0", "G 1 X5", "M109S200", "T 1"] {
            assert!(matches!(judge(line, Printing), Judgement::Refuse(_)), "{line}");
        }
        assert_eq!(judge("M104S210", Printing), Judgement::Fine);
    }

    #[test]
    fn what_heats_beyond_usual_limits_is_asked_about() {
        use Busyness::{Idle, Printing};
        for line in [
            "M104 S400",
            "M104S400",
            "M 109 R301",
            "M140 S121",
            "M190 R200",
            "M141 S90",
            "M303 E-1 S130",
            "M303 S310",
        ] {
            assert!(matches!(judge(line, Idle), Judgement::Ask(_)), "{line}");
        }
        assert!(matches!(judge("M104 S400", Printing), Judgement::Ask(_)));
        for line in ["M104 S300", "M140 S120", "M104 S0", "M109 R220", "M117 S400"] {
            assert_eq!(judge(line, Idle), Judgement::Fine, "{line}");
        }
    }

    #[test]
    fn a_macro_is_filled_in_and_never_guessed() {
        let values = BTreeMap::from([("bed_temp", Some(60.0)), ("x_max", None)]);
        let lines = expand_macro("; warm\nM140 S{bed_temp}\n\n g28 ; home", &values);
        assert_eq!(lines, Ok(vec!["M140 S60".into(), "G28".into()]));
        let unknown = expand_macro("G28\nG1 X{middle}", &values).expect_err("no such word");
        assert!(unknown.contains("line 2") && unknown.contains("{bed_temp}"), "{unknown}");
        assert!(expand_macro("G1 X{x_max}", &values).expect_err("not told").contains("has not told"));
        assert!(expand_macro("G1 X{bed_temp", &values).is_err());
        assert!(expand_macro("G1 X{1+1}", &values).is_err());
        assert!(expand_macro("; nothing", &values).is_err());
    }
}
