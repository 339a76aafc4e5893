//! Routes that know what they take and answer: the router, and beside it the operations for the OpenAPI document.
//!
//! [`get`] and its siblings stand in for axum's and read the types of the handler, so that the document cannot differ from
//! the code. Only what a handler reads by hand (a query, a form) or sends as bytes is said beside its route.

use crate::App;
use crate::openapi::{Described, Draft, InputField};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::http::Method;
use axum::routing::{MethodFilter, MethodRouter};
use schemars::JsonSchema;

/// One method of one route.
#[derive(Clone)]
pub(crate) struct Operation {
    /// GET, POST, …
    pub(crate) method: Method,
    /// From the root: `/api/v1/printers/{id}/`.
    pub(crate) path: String,
    /// Of the handler: module and function.
    pub(crate) handler: &'static str,
    describe: fn(&mut Draft<'_>),
    more: Vec<More>,
}

/// What the types of a handler do not say.
#[derive(Clone)]
enum More {
    Query(&'static [InputField]),
    Form(&'static [InputField]),
    Body(fn(&mut Draft<'_>)),
    Sends(&'static str),
    OrNothing,
}

impl Operation {
    /// Writes down what it takes and answers.
    pub(crate) fn describe(&self, draft: &mut Draft<'_>) {
        (self.describe)(draft);
        for more in &self.more {
            match more {
                More::Query(fields) => draft.query_fields(fields),
                More::Form(fields) => draft.form(fields),
                More::Body(describe) => describe(draft),
                More::Sends(kind) => draft.sends(kind),
                More::OrNothing => draft.answers_nothing(),
            }
        }
    }
}

/// Routes and their operations.
#[derive(Default)]
pub(crate) struct Routes {
    router: Router<App>,
    operations: Vec<Operation>,
}

impl Routes {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds a route.
    pub(crate) fn route(mut self, path: &str, methods: Methods) -> Self {
        self.router = self.router.route(path, methods.router);
        let at_path =
            methods.operations.into_iter().map(|operation| Operation { path: path.into(), ..operation });
        self.operations.extend(at_path);
        self
    }

    /// Adds the routes of another module.
    pub(crate) fn merge(mut self, other: Self) -> Self {
        self.router = self.router.merge(other.router);
        self.operations.extend(other.operations);
        self
    }

    /// Returns the router alone.
    pub(crate) fn into_router(self) -> Router<App> {
        self.router
    }

    /// Returns the operations, their paths below `prefix`.
    pub(crate) fn into_operations(self, prefix: &str) -> Vec<Operation> {
        let below =
            |operation: Operation| Operation { path: format!("{prefix}{}", operation.path), ..operation };
        self.operations.into_iter().map(below).collect()
    }
}

/// What one route does for each method.
pub(crate) struct Methods {
    router: MethodRouter<App>,
    operations: Vec<Operation>,
}

macro_rules! methods {
    ($($name:ident $method:ident),+) => {
        $(
            #[doc = concat!("Begins a route with `", stringify!($method), "`.")]
            pub(crate) fn $name<H, T>(handler: H) -> Methods
            where
                H: Handler<T, App> + Described<T>,
                T: 'static,
            {
                Methods { router: MethodRouter::new(), operations: Vec::new() }.$name(handler)
            }
        )+
        impl Methods {
            $(
                #[doc = concat!("Takes `", stringify!($method), "` as well.")]
                pub(crate) fn $name<H, T>(self, handler: H) -> Self
                where
                    H: Handler<T, App> + Described<T>,
                    T: 'static,
                {
                    self.add(Method::$method, handler)
                }
            )+
        }
    };
}
methods!(get GET, post POST, put PUT, patch PATCH, delete DELETE);

impl Methods {
    fn add<H, T>(mut self, method: Method, handler: H) -> Self
    where
        H: Handler<T, App> + Described<T>,
        T: 'static,
    {
        let filter = MethodFilter::try_from(method.clone()).expect("a method of HTTP");
        self.router = self.router.on(filter, handler);
        self.operations.push(Operation {
            method,
            path: String::new(),
            handler: std::any::type_name::<H>(),
            describe: H::describe,
            more: Vec::new(),
        });
        self
    }

    fn more(mut self, more: More) -> Self {
        self.operations.last_mut().expect("a method was added").more.push(more);
        self
    }

    /// Says what the method added last reads from the query by hand.
    pub(crate) fn query(self, fields: &'static [InputField]) -> Self {
        self.more(More::Query(fields))
    }

    /// Says which fields of a multipart form the method added last reads.
    pub(crate) fn form(self, fields: &'static [InputField]) -> Self {
        self.more(More::Form(fields))
    }

    /// Says which JSON the method added last reads by hand, where there is a body.
    pub(crate) fn body<T: JsonSchema>(self) -> Self {
        self.more(More::Body(|draft| draft.body::<T>(false)))
    }

    /// Says as what the method added last sends its bytes: `image/jpeg`.
    pub(crate) fn sends(self, media_type: &'static str) -> Self {
        self.more(More::Sends(media_type))
    }

    /// Says that the method added last may also answer 204, without a body.
    pub(crate) fn or_nothing(self) -> Self {
        self.more(More::OrNothing)
    }

    /// Takes bodies of so many bytes at this route.
    pub(crate) fn body_limit(mut self, most: usize) -> Self {
        self.router = self.router.layer(DefaultBodyLimit::max(most));
        self
    }
}
