//! Lines that people type: what can be sent, what is asked about first, what is not sent at all; and macros.

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

/// Says whether a cleaned line may be sent now.
pub fn judge(line: &str, busyness: Busyness) -> Judgement {
    let (code, rest) = cut(line);
    let refuse = |why: &str| Judgement::Refuse(why.to_owned());
    match code {
        "M112" => return refuse("use STOP for an emergency: it works at once, whatever waits"),
        "M110" => return refuse("line numbers are counted by the app: M110 would break the link"),
        "M28" | "M29" | "M928" => {
            return refuse("this writes all that follows to the card: it would break the link");
        }
        "M575" | "M997" => return refuse("this ends the link: use the printer's own display"),
        _ => (),
    }
    match busyness {
        Busyness::Idle => judge_idle(code),
        Busyness::Printing => judge_printing(code, rest),
    }
}

fn judge_idle(code: &str) -> Judgement {
    let ask = |what: &str| Judgement::Ask(what.to_owned());
    match code {
        "M502" => ask("M502 puts all settings of the printer back to those of the factory."),
        "M500" => ask("M500 overwrites the settings that the printer keeps."),
        "M303" => ask("M303 heats to test the heater. Stay at the printer."),
        "M30" => ask("M30 deletes a file on the printer's card."),
        "M81" => ask("M81 switches the printer's power off."),
        "M302" => ask("M302 lets the printer push cold filament, which can grind it or block the nozzle."),
        "M0" | "M1" | "M600" | "M226" => ask("The printer will wait for somebody at its display."),
        _ => Judgement::Fine,
    }
}

fn judge_printing(code: &str, rest: &str) -> Judgement {
    match code {
        // Questions, and what can be tuned.
        "M105" | "M114" | "M115" | "M119" | "M27" | "M31" | "M503" | "M106" | "M107" | "M117" | "M118"
        | "M155" | "M204" | "M205" | "M220" | "M221" | "M290" | "M300" | "M355" | "M73" | "M75" | "M77"
        | "M78" | "M900" | "M150" | "M113" => Judgement::Fine,
        "M420" if rest.trim_start().starts_with('V') => Judgement::Fine,
        "M104" | "M140" | "M141" if parameter(rest, 'S').is_some_and(|c| c > 0.0) => Judgement::Fine,
        "M104" | "M140" | "M141" => {
            Judgement::Refuse("the print would go on cold: pause it, or use Cool down".into())
        }
        "M109" | "M190" | "M191" => {
            Judgement::Refuse("the print would stand still until it is hot: use M104 or M140".into())
        }
        "M24" | "M25" | "M0" | "M1" | "M600" | "M226" => {
            Judgement::Refuse("use Pause: then the app knows where the head is".into())
        }
        _ if code.starts_with(['G', 'T', 'g', 't']) => {
            Judgement::Refuse("moves and modes would spoil the print: wait for its end, or cancel it".into())
        }
        "M17" | "M18" | "M84" | "M82" | "M83" | "M92" | "M201" | "M203" | "M206" | "M302" | "M303"
        | "M410" | "M428" | "M501" | "M502" | "M540" | "M665" | "M666" | "M81" | "M85" | "M851" | "M999"
        | "M23" | "M32" | "M21" | "M22" | "M30" => {
            Judgement::Refuse("this would spoil the print: wait for its end, or cancel it".into())
        }
        _ => Judgement::Ask(format!("A print is under way, and {code} is not known to be harmless to it.")),
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
