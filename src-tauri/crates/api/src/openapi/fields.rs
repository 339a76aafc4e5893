//! Queries and forms that handlers read by hand, field by field.

use serde_json::{Value, json};

/// A field of a query or a form.
pub(crate) struct InputField {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    /// A sentence.
    pub(crate) about: &'static str,
}

/// What a field holds.
pub(crate) enum Kind {
    Text,
    Whole,
    Number,
    Flag,
    /// `2026-01-31`.
    Date,
    /// One of these.
    Words(&'static [&'static str]),
    /// Whole numbers; the name may come several times.
    Wholes,
    /// A file, which the form must have.
    File,
}

impl InputField {
    pub(crate) const fn new(name: &'static str, kind: Kind, about: &'static str) -> Self {
        Self { name, kind, about }
    }

    pub(super) fn schema(&self) -> Value {
        match self.kind {
            Kind::Text => json!({ "type": "string" }),
            Kind::Whole => json!({ "type": "integer" }),
            Kind::Number => json!({ "type": "number" }),
            Kind::Flag => json!({ "type": "boolean" }),
            Kind::Date => json!({ "type": "string", "format": "date" }),
            Kind::Words(words) => json!({ "type": "string", "enum": words }),
            Kind::Wholes => json!({ "type": "array", "items": { "type": "integer" } }),
            // As OpenAPI 3.1 says that bytes are sent: no schema of their own.
            Kind::File => json!({ "contentMediaType": "application/octet-stream" }),
        }
    }

    pub(super) fn is_required(&self) -> bool {
        matches!(self.kind, Kind::File)
    }
}
