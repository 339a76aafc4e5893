//! Values of comments: durations, lengths, lists, outlines.

use super::Bed;

/// Returns a duration in seconds: `1h 2m 3s`, `0 hours 31 minutes`, `42.5 minutes`, or seconds alone.
pub(super) fn secs(text: &str) -> Option<f64> {
    let (mut sum, mut rest) = (0.0, text.trim());
    loop {
        let (value, behind) = number(rest)?;
        let unit: String = behind.trim_start().chars().take_while(|c| c.is_alphabetic()).collect();
        let unit_at = behind.len() - behind.trim_start().len() + unit.len();
        sum += value
            * match unit.chars().next().map(|c| c.to_ascii_lowercase()) {
                Some('d') => 86_400.0,
                Some('h') => 3_600.0,
                Some('m') => 60.0,
                Some('s') | None => 1.0,
                Some(_) => return None,
            };
        rest = behind.get(unit_at..)?.trim_start_matches([' ', ',', ':']);
        if !rest.starts_with(|c: char| c.is_ascii_digit()) {
            return positive(sum);
        }
    }
}

/// Returns the sum of a list of lengths in mm: `0.38m`, `400.85, 0, 98.63`, `1482.1mm, 34.4mm (3.6cm3)`.
pub(super) fn length_mm(text: &str) -> Option<f64> {
    positive(text.split('(').next()?.split([',', ';']).filter_map(one_length).sum())
}

fn one_length(text: &str) -> Option<f64> {
    let (value, behind) = number(text.trim())?;
    let unit: String = behind.trim_start().chars().take_while(|c| c.is_alphabetic()).collect();
    match unit.as_str() {
        "mm" | "" => Some(value),
        "m" => Some(value * 1000.0),
        _ => None,
    }
}

/// Returns the sum of a list of grams: `1.20, 0, 0.29`, `13.16 g (0.03 lb)`.
pub(super) fn grams(text: &str) -> Option<f64> {
    positive(text.split('(').next()?.split([',', ';']).filter_map(|part| Some(number(part.trim())?.0)).sum())
}

/// Returns the grams in `2.5m 7.5g`.
pub(super) fn grams_behind(text: &str) -> Option<f64> {
    text.split_whitespace().find_map(|word| positive(word.strip_suffix('g')?.parse().ok()?))
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
