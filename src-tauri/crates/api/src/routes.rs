//! All routes, module by module.

use crate::routing::{Operation, Routes};
use crate::{
    admission, agents, cameras, card, deleted, evidence, export, files, films, folders, imports, machines,
    maintenance, metrics, models, mqtt, network, notices, obico, octoprint_backup, openapi, outgoing, past,
    preflight, price, printers, prints, queue, reasons, recoveries, report, review, shots, sound, spools,
    stats, stops, storage, system, tools, trial, upload, user, watching,
};
use axum::body::Bytes;
use std::sync::LazyLock;

/// Returns all below `/api/v1` that needs a caller.
pub(crate) fn v1() -> Routes {
    Routes::new()
        .merge(printers::routes())
        .merge(stops::routes())
        .merge(queue::routes())
        .merge(prints::routes())
        .merge(past::routes())
        .merge(maintenance::routes())
        .merge(export::routes())
        .merge(stats::routes())
        .merge(storage::routes())
        .merge(report::routes())
        .merge(outgoing::routes())
        .merge(films::routes())
        .merge(preflight::routes())
        .merge(price::routes())
        .merge(reasons::routes())
        .merge(sound::routes())
        .merge(spools::routes())
        .merge(imports::routes())
        .merge(octoprint_backup::routes())
        .merge(shots::routes())
        .merge(review::routes())
        .merge(evidence::routes())
        .merge(files::routes())
        .merge(recoveries::routes())
        .merge(upload::routes())
        .merge(user::routes())
        .merge(folders::routes())
        .merge(deleted::routes())
        .merge(cameras::routes())
        .merge(system::routes())
        .merge(network::routes())
        .merge(notices::routes())
        .merge(mqtt::routes())
        .merge(machines::routes())
        .merge(admission::routes())
        .merge(agents::routes())
        .merge(obico::routes())
        .merge(tools::routes())
        .merge(card::routes())
        .merge(models::routes())
        .merge(trial::routes())
        .merge(watching::routes())
        .merge(openapi::routes())
}

/// Returns the operations of the API, for its description.
pub(crate) fn operations() -> Vec<Operation> {
    let mut all = v1().into_operations("/api/v1");
    all.extend(metrics::routes().into_operations(""));
    all.extend(admission::pair_route().into_operations(""));
    all
}

/// Returns the API in OpenAPI, as it is sent.
pub(crate) fn description() -> Bytes {
    // Made once: the routes do not change while the core runs.
    static DOCUMENT: LazyLock<Bytes> = LazyLock::new(|| openapi::document(&operations()).to_string().into());
    DOCUMENT.clone()
}
