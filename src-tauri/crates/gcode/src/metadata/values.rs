//! Values of comments: durations, lengths, lists, outlines.

use super::Bed;

/// Returns a duration in seconds: `1h 2m 3s`, `0 hours 31 minutes`, `42,5 minutes`, `01:23:45`, or seconds alone. What may
/// be read in two ways (`1:23`, `42,5` alone) is none.
pub(super) fn secs(text: &str) -> Option<f64> {
    let (mut sum, mut rest) = (0.0, text.trim());
    loop {
        if let Some(clock) = clock(rest) {
            return positive(sum + clock?);
        }
        let (value, behind) = decimal(rest)?;
        let (unit, behind) = word_behind(behind);
        sum += value
            * match unit.to_ascii_lowercase().as_str() {
                "d" | "day" | "days" => 86_400.0,
                "h" | "hr" | "hrs" | "hour" | "hours" => 3_600.0,
                "m" | "min" | "mins" | "minute" | "minutes" => 60.0,
                "s" | "sec" | "secs" | "second" | "seconds" => 1.0,
                "" if !behind.trim_start().starts_with(',') => 1.0,
                _ => return None,
            };
        rest = behind.trim_start_matches([' ', ',', ':']);
        rest = rest.strip_prefix("and ").unwrap_or(rest);
        if !rest.starts_with(|c: char| c.is_ascii_digit()) {
            return positive(sum);
        }
    }
}

/// Reads `01:23:45`; inner `None` when it is a clock that cannot be read for sure, such as `1:23`.
fn clock(text: &str) -> Option<Option<f64>> {
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == ':' || c == '.')).unwrap_or(text.len());
    let parts: Vec<&str> = text[..end].trim_end_matches(':').split(':').collect();
    let [first, rest @ ..] = parts.as_slice() else { return None };
    if rest.is_empty() {
        return None;
    }
    let read = || {
        let [minutes, secs] = rest else { return None };
        let (hours, minutes, secs): (f64, f64, f64) =
            (first.parse().ok()?, minutes.parse().ok()?, secs.parse().ok()?);
        (minutes < 60.0 && secs < 60.0 && text[end..].trim().is_empty())
            .then_some(hours * 3600.0 + minutes * 60.0 + secs)
    };
    Some(read())
}

/// Returns the sum of a list of lengths in mm: `0.38m`, `1,2345m`, `400.85, 0, 98.63`, `1482.1mm, 34.4mm (3.6cm3)`. A
/// volume is none.
pub(super) fn length_mm(text: &str) -> Option<f64> {
    sum(text, |unit| match unit {
        "mm" | "" => Some(1.0),
        "cm" => Some(10.0),
        "m" => Some(1000.0),
        _ => None,
    })
}

/// Returns the sum of a list of grams: `1.20, 0, 0.29`, `3,5 g`, `13.16 g (0.03 lb)`.
pub(super) fn grams(text: &str) -> Option<f64> {
    sum(text, |unit| match unit {
        "g" | "gram" | "grams" | "" => Some(1.0),
        "kg" => Some(1000.0),
        _ => None,
    })
}

/// Adds up a list, each number times its unit; `None` when one cannot be read.
fn sum(text: &str, unit: impl Fn(&str) -> Option<f64>) -> Option<f64> {
    let mut sum = 0.0;
    let mut rest = text.split('(').next()?.trim();
    while !rest.is_empty() {
        let (value, behind) = decimal(rest)?;
        let (name, behind) = word_behind(behind);
        sum += value * unit(name)?;
        let behind = behind.trim_start();
        match behind.strip_prefix([',', ';']) {
            Some(next) => rest = next.trim_start(),
            // Other words follow, such as the weight behind the length.
            None => break,
        }
    }
    positive(sum)
}

/// Returns the word that a text begins with, letters and what makes a volume of a length, and what stands behind it.
fn word_behind(text: &str) -> (&str, &str) {
    let begins = text.trim_start();
    let is_word = |c: char| c.is_alphabetic() || matches!(c, '^' | '\u{b2}' | '\u{b3}');
    let end = begins.find(|c| !is_word(c)).unwrap_or(begins.len());
    // `mm3`.
    let end = if end > 0 {
        begins[end..].find(|c: char| !c.is_ascii_digit()).map_or(begins.len(), |digits| end + digits)
    } else {
        0
    };
    if end == 0 { ("", text) } else { begins.split_at(end) }
}

/// Reads a number where the point may be a comma: `42,5 minutes`, `1,2345m`. It is one when digits and a unit follow; else
/// a comma parts the numbers of a list. `1,234.5 mm` is a thousand and more.
fn decimal(text: &str) -> Option<(f64, &str)> {
    let (value, behind) = number(text)?;
    let Some(digits) = behind.strip_prefix(',').filter(|_| !text[..text.len() - behind.len()].contains('.'))
    else {
        return Some((value, behind));
    };
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    let (decimals, behind_it) = digits.split_at(end);
    let has_unit = behind_it.trim_start().starts_with(char::is_alphabetic);
    if decimals.is_empty() || decimals.len() > 9 {
        return Some((value, behind));
    }
    if decimals.len() == 3
        && let Some((rest, behind)) = behind_it.strip_prefix('.').and_then(number)
        && behind.trim_start().starts_with(char::is_alphabetic)
    {
        let fraction = &behind_it[1..behind_it.len() - behind.len()];
        let whole: f64 =
            format!("{}{decimals}.{fraction}", &text[..text.len() - digits.len() - 1]).parse().ok()?;
        return (rest >= 0.0).then_some((whole, behind));
    }
    if !has_unit {
        return Some((value, behind));
    }
    let read: f64 = format!("{}.{decimals}", &text[..text.len() - digits.len() - 1]).parse().ok()?;
    Some((read, behind_it))
}

/// Returns the grams in `2.5m 7.5g`.
pub(super) fn grams_behind(text: &str) -> Option<f64> {
    text.split_whitespace().find_map(|word| positive(word.strip_suffix('g')?.replace(',', ".").parse().ok()?))
}

/// Returns the first number of a list when it is more than nothing.
pub(super) fn first(text: &str) -> Option<f64> {
    positive(number(text.trim().trim_matches('"'))?.0)
}

/// Returns a list of numbers; what is none is 0.
pub(super) fn list(text: &str) -> Vec<f64> {
    text.split([',', ';', '|']).take(16).map(|one| number(one.trim()).map_or(0.0, |(n, _)| n)).collect()
}

/// Returns the first of a list of words.
pub(super) fn word(text: &str) -> Option<String> {
    let first = text.split([';', ',', '|']).next()?.trim().trim_matches('"').trim();
    let unset = first.is_empty() || first.starts_with(['#', '{', '[']) || first == "?";
    (!unset).then(|| first.chars().filter(|c| !c.is_control()).take(60).collect())
}

/// Returns the space of an outline: `0x0,220x0,220x220,0x220`.
pub(super) fn outline(text: &str) -> Option<Bed> {
    let mut bed: Option<Bed> = None;
    for point in text.trim_matches('"').split(',') {
        let (x, y) = point.trim().split_once('x')?;
        let at = [x, y].map(|n| n.trim().parse::<f64>().ok().filter(|n| n.is_finite()));
        let [Some(x), Some(y)] = at else { return None };
        let bed = bed.get_or_insert(Bed { min: [x, y], max: [x, y], height: None });
        (bed.min, bed.max) = ([bed.min[0].min(x), bed.min[1].min(y)], [bed.max[0].max(x), bed.max[1].max(y)]);
    }
    bed.filter(|bed| bed.max[0] > bed.min[0] && bed.max[1] > bed.min[1])
}

/// Reads the number that a text begins with, and returns what stands behind it.
pub(super) fn number(text: &str) -> Option<(f64, &str)> {
    let end = text
        .char_indices()
        .find(|(at, c)| !(c.is_ascii_digit() || *c == '.' || (*at == 0 && matches!(c, '-' | '+'))))
        .map_or(text.len(), |(at, _)| at);
    let value: f64 = text[..end].parse().ok()?;
    value.is_finite().then_some((value, &text[end..]))
}

fn positive(value: f64) -> Option<f64> {
    // More than a thousand million of anything is a slip.
    (value > 0.0 && value < 1e9).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_each_slicer_writes_them() {
        let table = [
            ("3m 41s", Some(221.0)),
            ("1d 2h 3m 4s", Some(93_784.0)),
            ("0 hours 31 minutes", Some(1_860.0)),
            ("42.5 minutes", Some(2_550.0)),
            ("1427", Some(1_427.0)),
            ("1234.5s", Some(1_234.5)),
            ("1 hour, 24 minutes", Some(5_040.0)),
            ("#P_TIME#", None),
            ("0", None),
            ("-5", None),
            ("99999999999999999999", None),
            ("5 apples", None),
            ("42,5 minutes", Some(2_550.0)),
            ("1,5 hours", Some(5_400.0)),
            ("01:23:45", Some(5_025.0)),
            ("1d 01:00:00", Some(90_000.0)),
            ("123:00:07", Some(442_807.0)),
            ("01:23:45.5", Some(5_025.5)),
            ("1:23", None),
            ("1:75:00", None),
            ("01:02:03:04", None),
            ("42,5", None),
            ("1h:23m:45s", Some(5_025.0)),
            ("2 hours and 3 minutes", Some(7_380.0)),
            ("5 ms", None),
            ("3 months", None),
            ("1e5 s", None),
        ];
        for (text, want) in table {
            assert_eq!(secs(text), want, "{text}");
        }
    }

    #[test]
    fn lengths_and_grams_are_added_up() {
        assert_eq!(length_mm("0.535697m").map(f64::round), Some(536.0));
        assert_eq!(length_mm("400.85, 0, 98.63").map(f64::round), Some(499.0));
        assert_eq!(length_mm("1482.1mm, 34.4mm (3.6cm3)"), Some(1516.5));
        assert_eq!(length_mm("4375.5 mm (4.38 m)"), Some(4375.5));
        assert_eq!(length_mm("2.5m 7.5g"), Some(2500.0));
        assert_eq!((length_mm("0m"), length_mm("#F_AMNT#m #F_WGHT#g")), (None, None));
        let table = [
            ("1,2345m", Some(1234.5)),
            ("2,5m, 1,25m", Some(3750.0)),
            ("75.74,10", Some(85.74)),
            ("1,234.5 mm", Some(1234.5)),
            ("12,5 mm", Some(12.5)),
            ("1.5 cm", Some(15.0)),
            ("2405.28mm3", None),
            ("2405.28 mm^3", None),
            ("3.6cm\u{b3}", None),
            ("3.6 ml", None),
            ("2m, 3 apples", None),
        ];
        for (text, want) in table {
            let seen = length_mm(text);
            assert!(seen.zip(want).map_or(seen == want, |(a, b)| (a - b).abs() < 1e-6), "{text}: {seen:?}");
        }
        assert_eq!((grams("3,5 g"), grams("0.05 kg"), grams("3 lb")), (Some(3.5), Some(50.0), None));
        assert_eq!((grams("1.20, 0, 0.25"), grams("13.16 g (0.03 lb)")), (Some(1.45), Some(13.16)));
        assert_eq!(grams_behind("2.5m 7.5g"), Some(7.5));
    }

    #[test]
    fn an_outline_is_as_large_as_its_points() {
        let bed = outline("5x0,215x0,215x220,5x220").unwrap();
        assert_eq!((bed.min, bed.max), ([5.0, 0.0], [215.0, 220.0]));
        let round = outline("150x0,0x150,-150x0,0x-150").unwrap();
        assert_eq!((round.min, round.max), ([-150.0, -150.0], [150.0, 150.0]));
        assert_eq!((outline("0x0,0x0"), outline("nanx1"), outline("")), (None, None, None));
    }
}
