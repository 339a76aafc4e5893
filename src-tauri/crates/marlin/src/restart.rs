//! How a printer that has stopped is got going again.

const ADVICE_KLIPPER: &str = "send FIRMWARE_RESTART in the terminal, or connect again";
const ADVICE_M999: &str =
    "send M999 in the terminal, or connect again; if it still refuses, switch it off and on again";

/// Returns how a printer that said this is got going again.
pub(crate) fn advice(said: &str) -> &'static str {
    let lower = said.to_ascii_lowercase();
    let klipper = ["klipper", "mcu", "shutdown", "not ready", "firmware_restart"];
    if !lower.starts_with("echo:") && klipper.iter().any(|word| lower.contains(word)) {
        ADVICE_KLIPPER
    } else if lower.contains("m999") || lower == "!!" || lower.contains("halt asserted") {
        ADVICE_M999
    } else {
        "switch it off and on again"
    }
}

/// Returns what starts a stopped firmware anew, where a line can.
pub(crate) fn restart_line(said: &str, klipper: bool) -> Option<&'static str> {
    match advice(said) {
        ADVICE_KLIPPER => Some("FIRMWARE_RESTART"),
        ADVICE_M999 => Some("M999"),
        _ if klipper => Some("FIRMWARE_RESTART"),
        _ => None,
    }
}
