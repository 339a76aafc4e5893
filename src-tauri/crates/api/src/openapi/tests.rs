//! Holds the document against the table of roles and against OpenAPI 3.1.

use super::schemas::references;
use crate::LEAST_ROLES;
use crate::roles::OPEN_ROUTES;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

fn document() -> Value {
    super::document(&crate::routes::operations())
}

/// Returns method, path and description of each operation.
fn operations(document: &Value) -> Vec<(String, String, &Map<String, Value>)> {
    let paths = document["paths"].as_object().expect("paths");
    let mut all = Vec::new();
    for (path, methods) in paths {
        for (method, operation) in methods.as_object().expect("methods") {
            all.push((method.to_uppercase(), path.clone(), operation.as_object().expect("an operation")));
        }
    }
    all
}

#[test]
fn each_route_that_has_a_role_is_described_and_no_other() {
    let document = document();
    let described: BTreeMap<(String, String), Option<String>> = operations(&document)
        .into_iter()
        .map(|(method, path, it)| {
            ((method, path), it.get("x-role").and_then(Value::as_str).map(str::to_owned))
        })
        .collect();
    let mut wanted: BTreeMap<(String, String), Option<String>> = LEAST_ROLES
        .iter()
        .map(|(method, path, role)| {
            let role = serde_json::to_value(role).unwrap();
            (((*method).into(), (*path).into()), role.as_str().map(str::to_owned))
        })
        .collect();
    // The live socket is no request with an answer; the text tells of it.
    let open = OPEN_ROUTES.iter().filter(|(_, path)| *path != "/api/v1/live");
    wanted.extend(open.map(|(method, path)| (((*method).into(), (*path).into()), None)));
    assert_eq!(described, wanted);
    assert!(document["info"]["description"].as_str().unwrap().contains("/api/v1/live"));
}

#[test]
fn all_that_is_referred_to_is_there_and_all_that_is_there_is_referred_to() {
    let document = document();
    let mut used = BTreeSet::new();
    references(&document, &mut |to| {
        let pointer = to.strip_prefix('#').expect("within the document");
        assert!(document.pointer(pointer).is_some(), "{to}");
        used.insert(pointer.to_owned());
    });
    let schemas = document["components"]["schemas"].as_object().unwrap();
    assert!(schemas.len() > 150, "{} schemas", schemas.len());
    for name in schemas.keys() {
        assert!(used.contains(&format!("/components/schemas/{name}")) || name == "LiveMessage", "{name}");
        // Two types of one name are told apart by a number, which would change as types come and go.
        assert!(!name.ends_with(|c: char| c.is_ascii_digit()), "{name}: two types have this name");
        assert!(name.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c)), "{name}");
    }
}

#[test]
fn each_operation_is_what_openapi_wants() {
    let document = document();
    assert_eq!(document["openapi"], "3.1.0");
    let schemes = document["components"]["securitySchemes"].as_object().unwrap();
    let mut ids = BTreeSet::new();
    for (method, path, operation) in operations(&document) {
        let name = format!("{method} {path}");
        assert!(path.starts_with('/'), "{name}");
        let id = operation["operationId"].as_str().unwrap();
        assert!(ids.insert(id.to_owned()), "{name}: {id} is there twice");
        assert!(id.split('.').all(|word| !word.is_empty() && !word.contains(['{', '<'])), "{name}: {id}");
        let keys = ["tags", "operationId", "summary", "description", "parameters", "requestBody"];
        let known = |key: &String| {
            keys.contains(&key.as_str()) || ["responses", "security", "x-role"].contains(&key.as_str())
        };
        assert!(operation.keys().all(known), "{name}");
        let parameters = operation["parameters"].as_array().unwrap();
        let named: BTreeSet<(&str, &str)> =
            parameters.iter().map(|it| (it["in"].as_str().unwrap(), it["name"].as_str().unwrap())).collect();
        assert_eq!(named.len(), parameters.len(), "{name}: no parameter twice");
        let in_path: BTreeSet<&str> =
            path.split('{').filter_map(|part| part.split_once('}').map(|(name, _)| name)).collect();
        let told: BTreeSet<&str> =
            named.iter().filter(|(at, _)| *at == "path").map(|(_, name)| *name).collect();
        assert_eq!(told, in_path, "{name}: the parameters of the path");
        let answers = operation["responses"].as_object().unwrap();
        assert!(answers.keys().any(|status| status.starts_with('2')), "{name}: say what it answers");
        assert!(answers.contains_key("default"), "{name}: errors");
        for security in operation.get("security").into_iter().flat_map(|it| it.as_array().unwrap()) {
            assert!(
                security.as_object().unwrap().keys().all(|scheme| schemes.contains_key(scheme)),
                "{name}"
            );
        }
        if let Some(body) = operation.get("requestBody") {
            assert!(!body["content"].as_object().unwrap().is_empty(), "{name}: a body of some type");
            assert!(method != "GET", "{name}: no body");
        }
    }
}

#[test]
fn each_schema_is_of_json_schema() {
    let types = ["string", "number", "integer", "boolean", "object", "array", "null"];
    let document = document();
    let mut open: Vec<&Value> = document["components"]["schemas"].as_object().unwrap().values().collect();
    while let Some(schema) = open.pop() {
        assert!(schema.is_object() || schema.is_boolean(), "{schema}");
        let kind = &schema["type"];
        let kinds: Vec<&Value> = match kind.as_array() {
            Some(kinds) => kinds.iter().collect(),
            None => kind.is_string().then_some(kind).into_iter().collect(),
        };
        assert!(kind.is_null() || !kinds.is_empty(), "{schema}");
        assert!(kinds.iter().all(|kind| kind.as_str().is_some_and(|kind| types.contains(&kind))), "{schema}");
        let properties = schema["properties"].as_object();
        for name in schema["required"].as_array().into_iter().flatten() {
            let there = properties.is_some_and(|properties| properties.contains_key(name.as_str().unwrap()));
            assert!(there, "{name} is required of {schema}");
        }
        open.extend(properties.into_iter().flat_map(Map::values));
        for key in ["items", "additionalProperties", "not"] {
            open.extend(schema.get(key));
        }
        for key in ["anyOf", "oneOf", "allOf", "prefixItems"] {
            open.extend(schema[key].as_array().into_iter().flatten());
        }
    }
}

#[test]
fn what_handlers_read_by_hand_from_a_query_is_described() {
    let source =
        concat!(include_str!("../print_query.rs"), include_str!("../stats.rs"), include_str!("../prints.rs"));
    let said: BTreeSet<&str> =
        [crate::print_fields::PRINTS, crate::print_fields::STATS, crate::print_fields::REMOVE]
            .iter()
            .flat_map(|fields| fields.iter().map(|field| field.name))
            .collect();
    let mut read = 0;
    for call in ["params.get(\"", "self.get(\"", "self.parsed(\"", "self.word(\"", "day(\"", "is(\""] {
        for (at, _) in source.match_indices(call) {
            let name = source[at + call.len()..].split('"').next().unwrap();
            assert!(
                said.contains(name),
                "{name} is read from the query, but not described in print_fields.rs"
            );
            read += 1;
        }
    }
    assert!(read > 15, "the names are found: {read}");
}
