//! What each role may ask: one line for each method of each route.
//!
//! A route that is not here is the owner's alone. A test holds the table against the routes that there are, so that a
//! new one is thought about. Looking is for all; what ends or holds a print, switches heat off, or answers a question is
//! for those who operate; what heats, moves, starts, deletes or sets something is the owner's.

use crate::ApiError;
use crate::octoprint::roles as for_slicers;
use axum::http::{Method, StatusCode};
use domain::Role::{self, Operate, Owner, View};

/// Method, route, and the least role that may ask.
pub const LEAST_ROLES: &[(&str, &str, Role)] = &[
    // Printers.
    ("GET", "/api/v1/printers/", View),
    ("POST", "/api/v1/printers/", Owner),
    ("GET", "/api/v1/printers/{id}/", View),
    ("PATCH", "/api/v1/printers/{id}/", Owner),
    ("DELETE", "/api/v1/printers/{id}/", Owner),
    ("POST", "/api/v1/printers/{id}/archive/", Owner),
    ("POST", "/api/v1/printers/{id}/unarchive/", Owner),
    ("POST", "/api/v1/printers/{id}/pause_print/", Operate),
    ("GET", "/api/v1/printers/{id}/pause_print/", Operate),
    ("POST", "/api/v1/printers/{id}/resume_print/", Operate),
    ("GET", "/api/v1/printers/{id}/resume_print/", Operate),
    ("POST", "/api/v1/printers/{id}/cancel_print/", Operate),
    ("GET", "/api/v1/printers/{id}/cancel_print/", Operate),
    ("POST", "/api/v1/printers/{id}/mute_current_print/", Operate),
    ("GET", "/api/v1/printers/{id}/mute_current_print/", Operate),
    ("POST", "/api/v1/printers/{id}/acknowledge_alert/", Operate),
    ("GET", "/api/v1/printers/{id}/acknowledge_alert/", Operate),
    ("POST", "/api/v1/vigil/printers/{id}/emergency_stop/", Operate),
    ("POST", "/api/v1/vigil/emergency_stop/", Operate),
    ("POST", "/api/v1/vigil/printers/{id}/cool_down/", Operate),
    ("POST", "/api/v1/vigil/printers/{id}/seen/", Operate),
    ("POST", "/api/v1/vigil/printers/{id}/start/", Owner),
    ("POST", "/api/v1/vigil/printers/{id}/queue/", Owner),
    ("PATCH", "/api/v1/vigil/printers/{id}/queue/{item}/", Owner),
    ("DELETE", "/api/v1/vigil/printers/{id}/queue/{item}/", Owner),
    ("POST", "/api/v1/vigil/printers/{id}/queue/{item}/start/", Owner),
    ("POST", "/api/v1/vigil/printers/{id}/keep_warm/", Owner),
    ("POST", "/api/v1/vigil/printers/{id}/home/", Owner),
    ("POST", "/api/v1/vigil/printers/{id}/set_temperature/", Owner),
    ("POST", "/api/v1/vigil/printers/{id}/connect/", Owner),
    ("POST", "/api/v1/vigil/printers/{id}/disconnect/", Owner),
    ("POST", "/api/v1/vigil/printers/{id}/demo/", Owner),
    ("POST", "/api/v1/vigil/printers/{id}/tool/", Owner),
    ("GET", "/api/v1/vigil/printers/{id}/terminal/", Owner),
    ("GET", "/api/v1/vigil/printers/{id}/temp_profiles/", Owner),
    ("POST", "/api/v1/vigil/printers/{id}/temp_profiles/", Owner),
    ("GET", "/api/v1/vigil/printers/{id}/temperatures/", View),
    ("POST", "/api/v1/printers/{id}/start_print/", Owner),
    ("POST", "/api/v1/printers/{id}/finish_print/", Owner),
    ("POST", "/api/v1/printers/{id}/predict/", Operate),
    ("GET", "/api/v1/printer_events/", View),
    ("GET", "/api/v1/printer_events/{id}/", View),
    ("GET", "/api/v1/vigil/printers/removed/", View),
    ("POST", "/api/v1/printers/{id}/sd/list/", Owner),
    ("POST", "/api/v1/printers/{id}/sd/print/", Owner),
    ("GET", "/api/v1/vigil/macros/", Owner),
    ("POST", "/api/v1/vigil/macros/", Owner),
    ("PATCH", "/api/v1/vigil/macros/{id}/", Owner),
    ("DELETE", "/api/v1/vigil/macros/{id}/", Owner),
    ("GET", "/api/v1/vigil/maintenance/", View),
    ("POST", "/api/v1/vigil/maintenance/", Owner),
    ("PATCH", "/api/v1/vigil/maintenance/{id}/", Owner),
    ("DELETE", "/api/v1/vigil/maintenance/{id}/", Owner),
    ("POST", "/api/v1/vigil/maintenance/{id}/done/", Owner),
    ("GET", "/api/v1/vigil/agents/", Owner),
    ("POST", "/api/v1/vigil/agents/code/", Owner),
    ("DELETE", "/api/v1/vigil/agents/code/", Owner),
    ("POST", "/api/v1/vigil/agents/found/{device}/", Owner),
    ("GET", "/api/v1/onetimeverificationcodes/", Owner),
    ("GET", "/api/v1/onetimeverificationcodes/{id}/", Owner),
    ("POST", "/api/v1/one_time_passcodes/", Owner),
    ("GET", "/api/v1/printer_discovery/", Owner),
    ("POST", "/api/v1/printer_discovery/", Owner),
    ("GET", "/api/v1/vigil/printers/{id}/host/files/", Owner),
    ("POST", "/api/v1/vigil/printers/{id}/host/print/", Owner),
    ("GET", "/api/v1/vigil/printers/{id}/host/power/", Owner),
    ("POST", "/api/v1/vigil/printers/{id}/host/power/", Owner),
    ("GET", "/api/v1/vigil/printers/{id}/host/cameras/", Owner),
    ("GET", "/api/v1/vigil/alert_sound/", View),
    ("PUT", "/api/v1/vigil/alert_sound/", Owner),
    // Cameras and pictures.
    ("GET", "/api/v1/vigil/cameras/", Owner),
    ("POST", "/api/v1/vigil/cameras/", Owner),
    ("PATCH", "/api/v1/vigil/cameras/{id}/", Owner),
    ("DELETE", "/api/v1/vigil/cameras/{id}/", Owner),
    ("GET", "/api/v1/vigil/cameras/{id}/frame.jpg", View),
    ("POST", "/api/v1/vigil/cameras/try/", Owner),
    ("GET", "/api/v1/vigil/camera_devices/frame.jpg", Owner),
    ("GET", "/api/v1/vigil/camera_devices/options/", Owner),
    ("GET", "/api/v1/vigil/frames/{name}", View),
    ("POST", "/api/v1/vigil/try_detection/", Owner),
    ("POST", "/api/v1/vigil/cameras/{id}/ignore/", Owner),
    ("DELETE", "/api/v1/vigil/cameras/{id}/learnt/", Owner),
    ("POST", "/api/v1/vigil/tickets/", View),
    // Prints and their history.
    ("GET", "/api/v1/prints/", View),
    ("POST", "/api/v1/prints/bulk_delete/", Owner),
    ("GET", "/api/v1/prints/{id}/", View),
    ("PATCH", "/api/v1/prints/{id}/", Operate),
    ("DELETE", "/api/v1/prints/{id}/", Owner),
    ("GET", "/api/v1/prints/{id}/prediction_json/", View),
    ("GET", "/api/v1/prints/stats/", View),
    ("GET", "/api/v1/vigil/prints/stats/", View),
    ("GET", "/api/v1/vigil/prints/count/", View),
    ("GET", "/api/v1/vigil/prints/tags/", View),
    ("GET", "/api/v1/vigil/prints/{id}/temperatures/", View),
    ("GET", "/api/v1/vigil/prints/{id}/frames/", View),
    ("GET", "/api/v1/vigil/prints/{id}/looks/", View),
    ("GET", "/api/v1/vigil/prints/{id}/watch/", View),
    ("GET", "/api/v1/vigil/prints/{id}/curve/", View),
    ("GET", "/api/v1/vigil/prints/{id}/evidence/", View),
    ("GET", "/api/v1/vigil/prints/{id}/film/", View),
    ("POST", "/api/v1/vigil/prints/{id}/film/", Owner),
    ("DELETE", "/api/v1/vigil/prints/{id}/film/", Owner),
    ("POST", "/api/v1/vigil/prints/{id}/frames/{frame}/answer/", Operate),
    ("GET", "/api/v1/vigil/prints/{id}/export.zip", View),
    ("GET", "/api/v1/vigil/prints/{id}/export.html", View),
    ("POST", "/api/v1/vigil/prints/import/", Owner),
    ("GET", "/api/v1/vigil/octoprint_backup/", Owner),
    ("POST", "/api/v1/vigil/octoprint_backup/", Owner),
    ("DELETE", "/api/v1/vigil/octoprint_backup/", Owner),
    ("POST", "/api/v1/vigil/octoprint_backup/take/", Owner),
    ("GET", "/api/v1/vigil/history.csv", View),
    ("GET", "/api/v1/vigil/history.json", View),
    ("GET", "/api/v1/vigil/backup.zip", Owner),
    ("GET", "/api/v1/printshotfeedbacks/", View),
    ("GET", "/api/v1/printshotfeedbacks/{id}/", View),
    ("PUT", "/api/v1/printshotfeedbacks/{id}/", Operate),
    ("PATCH", "/api/v1/printshotfeedbacks/{id}/", Operate),
    ("GET", "/api/v1/vigil/review/", View),
    ("POST", "/api/v1/vigil/review/", Operate),
    ("GET", "/api/v1/vigil/review/counts/", View),
    ("GET", "/api/v1/vigil/recoveries/", View),
    ("DELETE", "/api/v1/vigil/recoveries/{print}/", Owner),
    ("POST", "/api/v1/vigil/recoveries/{print}/take_up/", Owner),
    ("GET", "/api/v1/vigil/deleted/", Owner),
    ("POST", "/api/v1/vigil/deleted/", Owner),
    // Files.
    ("GET", "/api/v1/g_code_files/", View),
    ("POST", "/api/v1/g_code_files/", Owner),
    ("POST", "/api/v1/g_code_files/bulk_delete/", Owner),
    ("POST", "/api/v1/g_code_files/bulk_move/", Owner),
    ("GET", "/api/v1/g_code_files/{id}/", View),
    ("PATCH", "/api/v1/g_code_files/{id}/", Owner),
    ("DELETE", "/api/v1/g_code_files/{id}/", Owner),
    ("GET", "/api/v1/g_code_files/{id}/content/", Owner),
    ("GET", "/api/v1/g_code_files/{id}/original/", Owner),
    ("GET", "/api/v1/g_code_files/{id}/thumbnail/", View),
    ("GET", "/api/v1/vigil/files/{id}/layers/", View),
    ("GET", "/api/v1/vigil/files/{id}/layers/{n}/", View),
    ("GET", "/api/v1/vigil/files/{id}/lines/", Owner),
    ("GET", "/api/v1/vigil/files/{id}/preflight/", Owner),
    ("POST", "/api/v1/vigil/files/undelete/", Owner),
    ("GET", "/api/v1/vigil/files/totals/", View),
    ("GET", "/api/v1/vigil/uploads/", Owner),
    ("GET", "/api/v1/g_code_folders/", View),
    ("POST", "/api/v1/g_code_folders/", Owner),
    ("POST", "/api/v1/g_code_folders/bulk_delete/", Owner),
    ("POST", "/api/v1/g_code_folders/bulk_move/", Owner),
    ("GET", "/api/v1/g_code_folders/{id}/", View),
    ("PATCH", "/api/v1/g_code_folders/{id}/", Owner),
    ("DELETE", "/api/v1/g_code_folders/{id}/", Owner),
    // The watch and its models.
    ("POST", "/api/v1/vigil/printers/{id}/drill/", Owner),
    ("GET", "/api/v1/vigil/printers/{id}/fit/", Owner),
    ("POST", "/api/v1/vigil/what_if/", Owner),
    ("GET", "/api/v1/vigil/what_if/{id}/", Owner),
    ("DELETE", "/api/v1/vigil/what_if/{id}/", Owner),
    ("POST", "/api/v1/vigil/try/", Owner),
    ("GET", "/api/v1/vigil/try/{id}/", Owner),
    ("DELETE", "/api/v1/vigil/try/{id}/", Owner),
    ("GET", "/api/v1/vigil/try/{id}/frames/{name}", Owner),
    ("GET", "/api/v1/models/", Owner),
    ("POST", "/api/v1/models/", Owner),
    ("PATCH", "/api/v1/models/{id}/", Owner),
    ("DELETE", "/api/v1/models/{id}/", Owner),
    ("POST", "/api/v1/models/{id}/use/", Owner),
    // The app.
    ("GET", "/api/v1/openapi.json", View),
    ("GET", "/api/v1/version/", View),
    ("GET", "/metrics", View),
    ("GET", "/api/v1/users/me/", Owner),
    ("PATCH", "/api/v1/users/me/", Owner),
    ("GET", "/api/v1/vigil/filament_price/", View),
    ("PUT", "/api/v1/vigil/filament_price/", Owner),
    ("GET", "/api/v1/vigil/energy_price/", View),
    ("PUT", "/api/v1/vigil/energy_price/", Owner),
    ("GET", "/api/v1/vigil/failure_reasons/", View),
    ("PUT", "/api/v1/vigil/failure_reasons/", Owner),
    ("GET", "/api/v1/vigil/spools/", View),
    ("POST", "/api/v1/vigil/spools/", Owner),
    ("PUT", "/api/v1/vigil/spools/low/", Owner),
    ("GET", "/api/v1/vigil/spools/spoolman/", View),
    ("POST", "/api/v1/vigil/spools/spoolman/", Owner),
    ("GET", "/api/v1/vigil/spools/{id}/", View),
    ("PUT", "/api/v1/vigil/spools/{id}/", Owner),
    ("DELETE", "/api/v1/vigil/spools/{id}/", Owner),
    ("POST", "/api/v1/vigil/spools/{id}/weigh/", Operate),
    ("PUT", "/api/v1/vigil/printers/{id}/spools/{tool}/", Operate),
    ("GET", "/api/v1/vigil/printers/{id}/spools/need/", View),
    ("GET", "/api/v1/vigil/printers/{id}/queue/spools/", View),
    ("GET", "/api/v1/vigil/prints/{id}/cost/", View),
    ("PUT", "/api/v1/vigil/prints/{id}/spools/{part}/", Operate),
    ("GET", "/api/v1/vigil/timelapse/", Owner),
    ("PUT", "/api/v1/vigil/timelapse/", Owner),
    ("GET", "/api/v1/vigil/report/", Owner),
    ("GET", "/api/v1/vigil/report.zip", Owner),
    ("GET", "/api/v1/vigil/outbound/", Owner),
    ("GET", "/api/v1/vigil/storage/", Owner),
    ("PUT", "/api/v1/vigil/storage/retention/", Owner),
    ("GET", "/api/v1/vigil/storage/tidy/", Owner),
    ("POST", "/api/v1/vigil/storage/tidy/", Owner),
    ("GET", "/api/v1/vigil/ports/", Owner),
    ("GET", "/api/v1/vigil/port_troubles/", Owner),
    ("GET", "/api/v1/vigil/system/", Owner),
    ("POST", "/api/v1/vigil/system/", Owner),
    ("GET", "/api/v1/vigil/shutdown/", Owner),
    ("POST", "/api/v1/vigil/shutdown/", Owner),
    // The network.
    ("GET", "/api/v1/vigil/network/", Owner),
    ("PATCH", "/api/v1/vigil/network/", Owner),
    ("POST", "/api/v1/vigil/network/pairing/", Owner),
    ("DELETE", "/api/v1/vigil/network/pairing/", Owner),
    ("POST", "/api/v1/vigil/network/links/", Owner),
    ("POST", "/api/v1/vigil/network/keys/", Owner),
    ("PATCH", "/api/v1/vigil/network/grants/{id}/", Owner),
    ("POST", "/api/v1/vigil/network/app_keys/{id}/", Owner),
    ("DELETE", "/api/v1/vigil/network/grants/{id}/", Owner),
    ("GET", "/api/v1/sharedresources/", Owner),
    ("POST", "/api/v1/sharedresources/", Owner),
    ("DELETE", "/api/v1/sharedresources/{id}/", Owner),
    ("GET", "/api/v1/notification_settings/", Owner),
    ("POST", "/api/v1/notification_settings/", Owner),
    ("GET", "/api/v1/notification_settings/available_plugins/", Owner),
    ("GET", "/api/v1/notification_settings/{id}/", Owner),
    ("PATCH", "/api/v1/notification_settings/{id}/", Owner),
    ("DELETE", "/api/v1/notification_settings/{id}/", Owner),
    ("POST", "/api/v1/notification_settings/{id}/send_test_message/", Owner),
    ("GET", "/api/v1/vigil/notices/log/", Owner),
    ("GET", "/api/v1/vigil/mqtt/", Owner),
    ("PATCH", "/api/v1/vigil/mqtt/", Owner),
    ("POST", "/api/v1/vigil/mqtt/test/", Owner),
    ("GET", "/api/v1/vigil/machines/", View),
    ("DELETE", "/api/v1/vigil/machines/{node}/", Owner),
    ("POST", "/api/v1/vigil/machines/{node}/printers/{id}/", Operate),
];

/// What is asked before anybody is known: the live socket asks for the token in its first message, pairing is for strangers.
pub(crate) const OPEN_ROUTES: &[(&str, &str)] = &[("GET", "/api/v1/live"), ("POST", "/api/v1/vigil/pair/")];

/// What is below acts, also when it is asked for by `GET`, as Obico's clients may.
const ACTIONS: &str = "/api/v1/printers/{id}/";

/// Returns whether a route acts though it takes `GET`: whoever asks what is there (`HEAD`) must not set it off.
fn acts(route: &str) -> bool {
    let takes = |method: &str| LEAST_ROLES.iter().any(|(m, r, _)| *m == method && *r == route);
    route.starts_with(ACTIONS) && takes("POST") && takes("GET")
}

/// Films and posters, which are no route but a folder.
const MEDIA: &str = "/media/";

/// Refuses what a role may not ask. `route`: the route that a path leads to; none where it leads to no route.
///
/// # Errors
/// 403, with what the role may do; 404 where nothing is.
pub(crate) fn check(role: Role, method: &Method, route: Option<&str>, path: &str) -> Result<(), ApiError> {
    let least = match route {
        Some(route) if *method == Method::HEAD && acts(route) => {
            let message = "this address takes no such request";
            return Err(ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", message, ""));
        }
        Some(route) => least(method, route),
        None if path.starts_with(MEDIA) => View,
        // Nothing is behind it; and should there be, it is the owner's.
        None if role < Owner => return Err(ApiError::not_found("this address")),
        None => Owner,
    };
    if role >= least {
        return Ok(());
    }
    Err(refused(role))
}

/// Says what a role may do.
pub(crate) fn refused(role: Role) -> ApiError {
    let may = match role {
        View => "look",
        Operate | Owner => "look, pause, resume, cancel and answer",
    };
    ApiError::new(
        StatusCode::FORBIDDEN,
        "not_allowed",
        format!("this device may only {may}"),
        "Whoever owns the printer can pair it again with another role, in Printvigil on the computer.",
    )
}

fn least(method: &Method, route: &str) -> Role {
    // What may be read may be asked about.
    let method = if *method == Method::HEAD { "GET" } else { method.as_str() };
    let ours = LEAST_ROLES.iter().find(|(m, r, _)| *m == method && *r == route).map(|(_, _, role)| *role);
    ours.or_else(|| for_slicers::least(method, route)).unwrap_or(Owner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_route_has_its_least_role_and_every_line_its_route() {
        let there = crate::routes::operations().into_iter().map(|it| (it.method.to_string(), it.path));
        let mut routes: BTreeSet<(String, String)> = there.collect();
        assert!(routes.remove(&("POST".into(), "/api/v1/vigil/pair/".into())), "pairing is for strangers");
        let table: BTreeSet<(String, String)> =
            LEAST_ROLES.iter().map(|(method, route, _)| ((*method).into(), (*route).into())).collect();
        assert_eq!(table.len(), LEAST_ROLES.len(), "no line twice");
        let new: Vec<_> = routes.difference(&table).collect();
        assert!(new.is_empty(), "say in LEAST_ROLES who may ask these: {new:#?}");
        let gone: Vec<_> = table.difference(&routes).collect();
        assert!(gone.is_empty(), "no such routes: {gone:#?}");
    }

    #[test]
    fn what_is_not_in_the_table_is_the_owners() {
        let ask = |role, method: Method, route: &str| check(role, &method, Some(route), route).is_ok();
        assert!(!ask(Operate, Method::GET, "/api/v1/new/") && ask(Owner, Method::GET, "/api/v1/new/"));
        assert!(!ask(Operate, Method::PUT, "/api/v1/printers/"), "nor is another method");
        assert!(ask(View, Method::GET, "/api/v1/printers/") && ask(View, Method::HEAD, "/api/v1/printers/"));
        assert!(!ask(View, Method::POST, "/api/v1/printers/{id}/pause_print/"));
        assert!(ask(Operate, Method::POST, "/api/v1/printers/{id}/pause_print/"));
        let nowhere = check(View, &Method::GET, None, "/api/v1/nowhere").unwrap_err();
        assert_eq!(nowhere.status, StatusCode::NOT_FOUND);
        assert!(check(View, &Method::GET, None, "/media/prints/1/film.mp4").is_ok());
    }

    #[test]
    fn asking_what_is_there_sets_nothing_off() {
        let ask = |method: Method, route: &str| check(Owner, &method, Some(route), route).is_ok();
        let pause = "/api/v1/printers/{id}/pause_print/";
        assert!(ask(Method::GET, pause) && ask(Method::POST, pause) && !ask(Method::HEAD, pause));
        assert!(ask(Method::HEAD, "/api/v1/printers/{id}/") && ask(Method::HEAD, "/api/v1/printers/"));
    }

    #[test]
    fn nobody_who_looks_changes_anything() {
        let view = LEAST_ROLES.iter().filter(|(_, _, role)| *role == View);
        let wrong: Vec<_> =
            view.filter(|(method, route, _)| *method != "GET" && !route.ends_with("/tickets/")).collect();
        assert!(wrong.is_empty(), "{wrong:?}");
    }
}
