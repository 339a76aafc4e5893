//! Bytes as text.

/// Returns two digits a byte, 0 to f.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
