//! Numbers that a printer or a file states: plain decimals, and nothing that no machine can mean.

use domain::Millis;

/// Longest wait that a dwell is given, a day: what asks for more is a mistake.
const LONGEST_WAIT_MS: f64 = 86_400_000.0;
/// No temperature, position, speed or step count of a machine is as large.
const LARGEST: f64 = 1e7;

/// Returns the plain decimal number at the start of a text, and what follows it. What is not a number, or is one that
/// no machine can mean, is none.
pub(crate) fn leading(text: &str) -> Option<(f64, &str)> {
    let sign = usize::from(text.starts_with(['-', '+']));
    let digits = |from: usize| text[from..].bytes().take_while(u8::is_ascii_digit).count();
    let mut len = sign + digits(sign);
    if text[len..].starts_with('.') {
        len += 1 + digits(len + 1);
    }
    let value: f64 = text[..len].parse().ok()?;
    is_sane(value).then_some((value, &text[len..]))
}

/// Returns whether a machine can mean this number.
pub(crate) fn is_sane(value: f64) -> bool {
    value.is_finite() && value.abs() < LARGEST
}

/// Returns milliseconds for a wait that a file or a person asks for, at most a day.
pub(crate) fn wait_ms(millis: f64) -> Millis {
    // What is not a number is no wait.
    if millis.is_nan() { 0 } else { millis.clamp(0.0, LONGEST_WAIT_MS) as Millis }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_decimals_of_a_possible_size_are_numbers() {
        let digits = "9".repeat(400);
        let table = [
            ("20.5 /0", Some((20.5, " /0"))),
            ("-14.5", Some((-14.5, ""))),
            ("1.00Y:2", Some((1.0, "Y:2"))),
            ("+3.", Some((3.0, ""))),
            (".5", Some((0.5, ""))),
            ("1.2.3", Some((1.2, ".3"))),
            ("nan", None),
            ("inf", None),
            ("-", None),
            (".", None),
            ("", None),
            ("99999999999999999999", None),
            (digits.as_str(), None),
            ("-1e", Some((-1.0, "e"))),
        ];
        for (text, want) in table {
            assert_eq!(leading(text), want, "{text}");
        }
    }

    #[test]
    fn no_wait_is_longer_than_a_day_or_shorter_than_nothing() {
        for (asked, want) in
            [(1e303, 86_400_000), (f64::INFINITY, 86_400_000), (f64::NAN, 0), (-5.0, 0), (30_500.0, 30_500)]
        {
            assert_eq!(wait_ms(asked), want, "{asked}");
        }
    }
}
