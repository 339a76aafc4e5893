//! What the types of a handler say of it: what it extracts from a request, and what it answers.

use super::fields::InputField;
use super::schemas::Schemas;
use crate::ApiError;
use axum::body::Bytes;
use axum::extract::multipart::Multipart;
use axum::extract::{Path, Query, RawQuery, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, NoContent, Response};
use axum::{Extension, Json};
use schemars::JsonSchema;
use serde_json::{Map, Value, json};

/// An operation while it is described.
pub(crate) struct Draft<'a> {
    /// Names in the braces of the path, in order.
    in_path: Vec<String>,
    schemas: &'a mut Schemas,
    parameters: Vec<Value>,
    /// Media type and schema of each form of body.
    body: Map<String, Value>,
    body_required: bool,
    answers: Map<String, Value>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(path: &str, schemas: &'a mut Schemas) -> Self {
        let in_braces = |part: &str| part.split_once('}').map(|(name, _)| name.to_owned());
        Self {
            in_path: path.split('{').filter_map(in_braces).collect(),
            schemas,
            parameters: Vec::new(),
            body: Map::new(),
            body_required: false,
            answers: Map::new(),
        }
    }

    fn path<T: JsonSchema>(&mut self) {
        let schema = self.schemas.asked::<T>();
        // Several are a tuple.
        let each = schema["prefixItems"].as_array().cloned().unwrap_or_else(|| vec![schema]);
        for (name, schema) in self.in_path.iter().zip(each) {
            self.parameters.push(json!({ "name": name, "in": "path", "required": true, "schema": schema }));
        }
    }

    fn query<T: JsonSchema>(&mut self) {
        let whole = self.schemas.asked_whole::<T>().to_value();
        let required = whole["required"].as_array().cloned().unwrap_or_default();
        for (name, schema) in whole["properties"].as_object().into_iter().flatten() {
            let required = required.iter().any(|there| there == name);
            self.parameters
                .push(json!({ "name": name, "in": "query", "required": required, "schema": schema }));
        }
    }

    /// What a handler reads from the query by hand.
    pub(crate) fn query_fields(&mut self, fields: &[InputField]) {
        self.parameters.extend(fields.iter().map(|field| {
            json!({ "name": field.name, "in": "query", "description": field.about, "schema": field.schema() })
        }));
    }

    /// What a handler reads from a multipart form.
    pub(crate) fn form(&mut self, fields: &[InputField]) {
        let with_about = |field: &InputField| {
            let mut schema = field.schema();
            schema["description"] = json!(field.about);
            (field.name.to_owned(), schema)
        };
        let properties: Map<String, Value> = fields.iter().map(with_about).collect();
        let required: Vec<&str> =
            fields.iter().filter(|field| field.is_required()).map(|field| field.name).collect();
        let schema = json!({ "type": "object", "properties": properties, "required": required });
        self.body.insert("multipart/form-data".into(), json!({ "schema": schema }));
        self.body_required = true;
    }

    /// What is read from a body in JSON.
    pub(crate) fn body<T: JsonSchema>(&mut self, required: bool) {
        let schema = self.schemas.asked::<T>();
        self.body.insert("application/json".into(), json!({ "schema": schema }));
        self.body_required |= required;
    }

    fn answers<T: JsonSchema>(&mut self, status: &str, meaning: &str) {
        let schema = self.schemas.answered::<T>();
        let answer =
            json!({ "description": meaning, "content": { "application/json": { "schema": schema } } });
        self.answers.insert(status.into(), answer);
    }

    /// Bytes of a media type.
    pub(crate) fn sends(&mut self, media_type: &str) {
        let answer = json!({ "description": "The content.", "content": { media_type: {} } });
        self.answers.insert("200".into(), answer);
    }

    /// No body.
    pub(crate) fn answers_nothing(&mut self) {
        self.answers.insert("204".into(), json!({ "description": "Done, or nothing to send." }));
    }

    pub(super) fn sends_bytes(&self) -> bool {
        let content = self.answers.get("200").and_then(|answer| answer["content"].as_object());
        content.is_some_and(|content| !content.contains_key("application/json"))
    }

    pub(super) fn finish(mut self) -> Value {
        self.answers.insert("default".into(), json!({ "$ref": "#/components/responses/Error" }));
        let mut operation = json!({ "parameters": self.parameters, "responses": self.answers });
        if !self.body.is_empty() {
            operation["requestBody"] = json!({ "required": self.body_required, "content": self.body });
        }
        operation
    }
}

/// What a handler extracts from a request.
#[diagnostic::on_unimplemented(message = "say in `openapi/describe.rs` what `{Self}` reads from a request")]
pub(crate) trait Input {
    fn describe(draft: &mut Draft<'_>);
}

impl<T: JsonSchema> Input for Path<T> {
    fn describe(draft: &mut Draft<'_>) {
        draft.path::<T>();
    }
}

impl<T: JsonSchema> Input for Query<T> {
    fn describe(draft: &mut Draft<'_>) {
        draft.query::<T>();
    }
}

impl<T: JsonSchema> Input for Json<T> {
    fn describe(draft: &mut Draft<'_>) {
        draft.body::<T>(true);
    }
}

impl<T> Input for State<T> {
    fn describe(_: &mut Draft<'_>) {}
}

impl<T> Input for Extension<T> {
    fn describe(_: &mut Draft<'_>) {}
}

macro_rules! said_beside_the_route {
    ($($type:ty),+) => {$(
        impl Input for $type {
            fn describe(_: &mut Draft<'_>) {}
        }
    )+};
}
said_beside_the_route!(RawQuery, Request, Multipart, Bytes, HeaderMap);

/// Answer 201: something was made.
pub(crate) struct Created<T>(pub(crate) T);

/// Answer 202: it is taken and not done yet.
pub(crate) struct Accepted<T>(pub(crate) T);

impl<T: serde::Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        (StatusCode::CREATED, Json(self.0)).into_response()
    }
}

impl<T: serde::Serialize> IntoResponse for Accepted<T> {
    fn into_response(self) -> Response {
        (StatusCode::ACCEPTED, Json(self.0)).into_response()
    }
}

/// What a handler answers.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say with which status it answers: use `Json`, `Created`, `Accepted` or `NoContent`"
)]
pub(crate) trait Answer {
    fn describe(draft: &mut Draft<'_>);
}

impl<T: Answer> Answer for Result<T, ApiError> {
    fn describe(draft: &mut Draft<'_>) {
        T::describe(draft);
    }
}

impl<T: JsonSchema> Answer for Json<T> {
    fn describe(draft: &mut Draft<'_>) {
        draft.answers::<T>("200", "Done.");
    }
}

impl<T: JsonSchema> Answer for Created<T> {
    fn describe(draft: &mut Draft<'_>) {
        draft.answers::<T>("201", "Made.");
    }
}

impl<T: JsonSchema> Answer for Accepted<T> {
    fn describe(draft: &mut Draft<'_>) {
        draft.answers::<T>("202", "Taken; it is not done yet.");
    }
}

/// Said as 200 where it was there already, as 201 where it was made.
impl<T: JsonSchema> Answer for (StatusCode, Json<T>) {
    fn describe(draft: &mut Draft<'_>) {
        draft.answers::<T>("200", "It was there already.");
        draft.answers::<T>("201", "Made.");
    }
}

impl Answer for NoContent {
    fn describe(draft: &mut Draft<'_>) {
        draft.answers_nothing();
    }
}

/// Bytes: as what they are sent is said beside the route.
impl Answer for Response {
    fn describe(_: &mut Draft<'_>) {}
}

/// A handler whose types say what it takes and answers. `T` is as for [`axum::handler::Handler`].
pub(crate) trait Described<T> {
    fn describe(draft: &mut Draft<'_>);
}

impl<F, Fut, A> Described<((),)> for F
where
    F: FnOnce() -> Fut,
    Fut: Future<Output = A>,
    A: Answer,
{
    fn describe(draft: &mut Draft<'_>) {
        A::describe(draft);
    }
}

macro_rules! described {
    ($($input:ident),+) => {
        impl<F, Fut, A, M, $($input,)+> Described<(M, $($input,)+)> for F
        where
            F: FnOnce($($input,)+) -> Fut,
            Fut: Future<Output = A>,
            A: Answer,
            $($input: Input,)+
        {
            fn describe(draft: &mut Draft<'_>) {
                $($input::describe(draft);)+
                A::describe(draft);
            }
        }
    };
}
described!(T1);
described!(T1, T2);
described!(T1, T2, T3);
described!(T1, T2, T3, T4);
described!(T1, T2, T3, T4, T5);
