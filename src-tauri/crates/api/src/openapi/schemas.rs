//! The schemas of all types, those that are read and those that are sent apart.
//!
//! A field with a default may be left out of a request and is always in an answer. A type of both kinds whose two forms
//! differ is in the document twice; that of requests ends in `Input`.

use schemars::generate::{SchemaGenerator, SchemaSettings};
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

const ASKED: &str = "#/components/asked/";
const SHOWN: &str = "#/components/schemas/";

/// Collects schemas while a document is written.
pub(crate) struct Schemas {
    asked: SchemaGenerator,
    answered: SchemaGenerator,
}

impl Schemas {
    pub(super) fn new() -> Self {
        let settings = |path: &str| {
            let mut settings = SchemaSettings::draft2020_12();
            settings.definitions_path = path.trim_start_matches('#').to_owned().into();
            settings
        };
        Self {
            asked: settings(ASKED).for_deserialize().into_generator(),
            answered: settings(SHOWN).for_serialize().into_generator(),
        }
    }

    /// Returns a reference to what is sent.
    pub(super) fn answered<T: JsonSchema>(&mut self) -> Value {
        self.answered.subschema_for::<T>().to_value()
    }

    /// Returns a reference to what is read.
    pub(super) fn asked<T: JsonSchema>(&mut self) -> Value {
        self.asked.subschema_for::<T>().to_value()
    }

    /// Returns the schema of what is read itself.
    pub(super) fn asked_whole<T: JsonSchema>(&mut self) -> Schema {
        T::json_schema(&mut self.asked)
    }

    /// Puts the schemas into a document that refers to them.
    pub(super) fn complete(mut self, mut document: Value) -> Value {
        let mut asked = self.asked.take_definitions(true);
        let mut shown = self.answered.take_definitions(true);
        let twice = differing(&asked, &shown);
        let name = |name: &str| if twice.contains(name) { format!("{name}Input") } else { name.to_owned() };
        let point =
            |reference: &str| reference.strip_prefix(ASKED).map(|asked| format!("{SHOWN}{}", name(asked)));
        each_reference(&mut document, &point);
        for schema in asked.values_mut() {
            each_reference(schema, &point);
        }
        for (key, schema) in asked {
            shown.insert(name(&key), schema);
        }
        document["components"]["schemas"] = Value::Object(shown);
        document
    }
}

/// Returns the types that look otherwise in a request than in an answer, or hold such a type.
fn differing(asked: &Map<String, Value>, shown: &Map<String, Value>) -> BTreeSet<String> {
    let both: Vec<&String> = asked.keys().filter(|name| shown.contains_key(*name)).collect();
    let as_shown = |name: &String| {
        let mut schema = asked[name].clone();
        each_reference(&mut schema, &|reference| Some(reference.replace(ASKED, SHOWN)));
        schema
    };
    let mut differ: BTreeSet<String> =
        both.iter().filter(|name| as_shown(name) != shown[**name]).map(|name| (*name).clone()).collect();
    loop {
        let holds_one = |name: &String| {
            let mut found = false;
            references(&asked[name], &mut |to| found |= differ.contains(to.trim_start_matches(ASKED)));
            found
        };
        let more: Vec<String> = both
            .iter()
            .filter(|name| !differ.contains(**name) && holds_one(name))
            .map(|name| (*name).clone())
            .collect();
        if more.is_empty() {
            return differ;
        }
        differ.extend(more);
    }
}

/// Calls `seen` with each `$ref`.
pub(super) fn references(value: &Value, seen: &mut impl FnMut(&str)) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                match value.as_str() {
                    Some(to) if key == "$ref" => seen(to),
                    _ => references(value, seen),
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| references(value, seen)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => (),
    }
}

/// Replaces each `$ref` for which there is another.
fn each_reference(value: &mut Value, other: &impl Fn(&str) -> Option<String>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                if let Value::String(to) = value
                    && key == "$ref"
                {
                    *to = other(to).unwrap_or_else(|| std::mem::take(to));
                } else {
                    each_reference(value, other);
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| each_reference(value, other)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => (),
    }
}
