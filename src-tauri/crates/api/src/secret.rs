//! Tokens, PINs and keys, from the system's random source.

use std::fmt::Write as _;

/// Makes a fresh token: 32 hex digits from the system's random source.
pub fn new_token() -> String {
    hex(&random::<16>())
}

/// Makes an agent's token as Obico has it: 20 hex digits.
pub fn new_auth_token() -> String {
    hex(&random::<10>())
}

/// Makes a PIN of six digits, each as likely as any other.
pub(crate) fn new_pin() -> String {
    const PINS: u32 = 1_000_000;
    loop {
        let number = u32::from_le_bytes(random());
        if number < u32::MAX / PINS * PINS {
            return format!("{:06}", number % PINS);
        }
    }
}

/// Returns bytes from the system's random source.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the system has a random source");
    bytes
}

/// Returns bytes as hex digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_has_six_digits_and_no_two_secrets_are_the_same() {
        let pins: std::collections::BTreeSet<String> = (0..100).map(|_| new_pin()).collect();
        assert!(pins.iter().all(|pin| pin.len() == 6 && pin.bytes().all(|b| b.is_ascii_digit())));
        assert!(pins.len() > 90, "{}", pins.len());
        assert!(new_token().len() == 32 && new_token() != new_token());
    }
}
