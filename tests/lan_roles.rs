//! What each role may do at the network's listener, asked over the wire.

use api::LEAST_ROLES;
use domain::{Request, Role};
use serde_json::{Value, json};
use tests::network::{Lan, NETWORK};
use tests::visitor::read;

/// Returns a route with something in place of its parameters.
fn filled(route: &str) -> String {
    let parts = route.split('/').map(|part| if part.starts_with('{') { "1" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

#[tokio::test(flavor = "multi_thread")]
async fn each_route_refuses_those_who_may_not_ask_it() {
    let lan = Lan::open().await;
    let (view, operate) = (lan.key("view").0, lan.key("operate").0);
    let (mut refused, mut strangers) = (0, 0);
    for (method, route, least) in LEAST_ROLES {
        let path = filled(route);
        let body = (!["GET", "DELETE"].contains(method)).then(|| json!({}));
        for (role, key) in [(Role::View, &view), (Role::Operate, &operate)] {
            if role < *least {
                let (status, answer) = lan.ask(method, &path, Some(key), body.as_ref());
                let told = (status, answer["code"].as_str());
                assert_eq!(told, (403, Some("not_allowed")), "{role:?}: {method} {route}: {answer}");
                refused += 1;
            }
        }
        // Strangers are refused unread after many wrong tries.
        let (status, answer) = lan.ask(method, &path, None, body.as_ref());
        assert!(status == 401 || status == 429, "{method} {route}: {status} {answer}");
        strangers += 1;
    }
    assert!(refused > 150 && strangers > 100, "{refused} {strangers}");
    for (nowhere, status) in
        [("/api/v1/nothing/", 404), ("/api/v1/vigil/nothing/1/", 404), ("/media/nothing", 404)]
    {
        assert_eq!(lan.ask("GET", nowhere, Some(&view), None).0, status, "{nowhere}");
    }
    lan.door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_looks_cannot_pause_who_operates_can_and_cannot_heat() {
    let lan = Lan::open().await;
    let (view, operate, owner) = (lan.device("view").0, lan.device("operate").0, lan.device("owner").0);
    let world = &lan.door.world;
    world.print_sample().await;
    let printer = world.printer;
    let post = |path: &str, token: &str, body: Value| {
        lan.ask("POST", &path.replace("{}", &printer.to_string()), Some(token), Some(&body))
    };
    let (pause, heat) = ("/api/v1/printers/{}/pause_print/", "/api/v1/vigil/printers/{}/set_temperature/");
    let hot = json!({"heater": "tool0", "target": 60.0});
    let (status, told) = post(pause, &view, json!({}));
    assert_eq!(status, 403, "{told}");
    assert!(told["message"].as_str().is_some_and(|text| text.contains("only look")), "{told}");
    assert!(world.view().status.state.flags.printing, "nothing was paused");
    let (status, told) = post(heat, &operate, hot.clone());
    assert_eq!((status, told["code"].as_str()), (403, Some("not_allowed")), "{told}");
    let (status, told) = post(pause, &operate, json!({}));
    assert_eq!((status, &told["succeeded"]), (200, &json!(true)), "{told}");
    assert_eq!(told["printer"]["auth_token"], "", "the agent's token is the owner's");
    world.until("paused", 60, |v| v.vigil.pause_confirmed).await;
    let (status, told) = post("/api/v1/printers/{}/cancel_print/", &operate, json!({}));
    assert_eq!(status, 200, "{told}");
    world.until("ready again", 60, |v| v.vigil.can.start && v.current_print.is_none()).await;
    let (status, told) = post(heat, &owner, hot);
    assert_eq!(status, 200, "the owner may all: {told}");
    world.ask(Request::CoolDown(printer)).await;
    lan.door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_owner_sees_the_agents_token_and_where_the_data_lies() {
    let lan = Lan::open().await;
    for (role, sees) in [("view", false), ("operate", false), ("owner", true)] {
        let key = lan.key(role).0;
        let (_, list) = lan.ask("GET", "/api/v1/printers/", Some(&key), None);
        let (_, one) =
            lan.ask("GET", &format!("/api/v1/printers/{}/", lan.door.world.printer), Some(&key), None);
        let (_, snapshot) = lan.live(&key);
        assert_eq!(snapshot["role"], role);
        for view in [&list[0], &one, &snapshot["printers"][0]] {
            assert_eq!(view["auth_token"] != "", sees, "{role}: {view}");
        }
        assert_eq!(snapshot["system"]["data_dir"] != "", sees, "{role}: {snapshot}");
    }
    // At the window's listener a key has its role as well.
    let view = lan.key("view").0;
    let shut = lan.door.agent.post(lan.door.url("/api/v1/vigil/shutdown/"));
    let shut = shut.header("X-Api-Key", view).header("Content-Type", "application/json");
    assert_eq!(read(shut.send("{\"leave\":\"as_it_is\"}").expect("answered")).0, 403);
    lan.door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn devices_links_and_keys_are_renamed_and_stay_connected() {
    let lan = Lan::open().await;
    let (token, device) = lan.device("operate");
    let (script, key) = lan.key("view");
    let (_, link) = lan.door.post("/api/v1/vigil/network/links/", &json!({"name": "a friend", "hours": 2}));
    let (mut live, _) = lan.live(&token);
    let path = |id: i64| format!("/api/v1/vigil/network/grants/{id}/");
    for (id, name) in [(device, " Anna’s phone "), (key, "slicer"), (id_of(&link["grant"]), "Ben")] {
        let (status, renamed) = lan.door.patch(&path(id), &json!({"name": name}));
        assert_eq!((status, renamed["name"].as_str()), (200, Some(name.trim())), "{renamed}");
    }
    let names = || {
        let told = lan.door.get(NETWORK).1;
        let grants = told["grants"].as_array().expect("a list").iter();
        grants.map(|grant| grant["name"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(), ["Anna’s phone", "slicer", "Ben"]);
    for wrong in [json!({"name": " "}), json!({"name": "x".repeat(65)}), json!({"name": "a\nb"})] {
        assert_eq!(lan.door.patch(&path(device), &wrong).0, 400, "{wrong}");
    }
    assert_eq!(lan.door.patch(&path(device), &json!({"name": "x", "role": "owner"})).0, 422, "only its name");
    assert_eq!(lan.door.patch(&path(99), &json!({"name": "nobody"})).0, 404);
    // Nobody names himself, and all of them still get in.
    let renamed = lan.ask("PATCH", &path(device), Some(&token), Some(&json!({"name": "the owner"})));
    assert_eq!(renamed.0, 403);
    assert!(live.message().is_some(), "its connection stays");
    for secret in [&token, &script] {
        assert_eq!(lan.ask("GET", "/api/v1/printers/", Some(secret), None).0, 200);
    }
    let kept = lan.door.world.station.store().read(store::access_grant::list).expect("readable");
    assert_eq!(kept.iter().map(|(grant, _)| grant.name.as_str()).collect::<Vec<_>>(), names());
    lan.door.world.end().await;
}

fn id_of(grant: &Value) -> i64 {
    grant["id"].as_i64().expect("a number")
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_looks_reads_how_the_api_is_and_it_is_so() {
    let lan = Lan::open().await;
    let key = lan.key("view").0;
    let owner = lan.key("owner").0;
    let (status, document) = lan.ask("GET", "/api/v1/openapi.json", Some(&key), None);
    assert_eq!((status, &document["openapi"]), (200, &json!("3.1.0")));
    assert_eq!(lan.ask("GET", "/api/v1/openapi.json", None, None).0, 401);
    let mut compared = 0;
    for (method, route, least) in LEAST_ROLES {
        let operation = &document["paths"][route][method.to_lowercase()];
        assert_eq!(operation["x-role"], json!(least), "{method} {route}");
        let schema = &operation["responses"]["200"]["content"]["application/json"]["schema"];
        // What only the time or the machine decides is left out.
        if *method != "GET" || !schema.is_object() || route.contains("ports") {
            continue;
        }
        let path = filled(route).replace("/printers/1/", &format!("/printers/{}/", lan.door.world.printer));
        let (status, answer) = lan.ask("GET", &path, Some(&owner), None);
        if status == 200 {
            fits(&document, schema, &answer).unwrap_or_else(|why| panic!("{route}: {why}"));
            compared += 1;
        } else {
            let error =
                &document["components"]["responses"]["Error"]["content"]["application/json"]["schema"];
            fits(&document, error, &answer).unwrap_or_else(|why| panic!("{route}: {status}: {why}"));
        }
    }
    assert!(compared > 25, "{compared} answers were compared with what is described");
    lan.door.world.end().await;
}

/// Says where a value is not as a schema of the document describes it. Fields that are not described are wrong, too.
fn fits(document: &Value, schema: &Value, value: &Value) -> Result<(), String> {
    if let Some(to) = schema["$ref"].as_str() {
        let there = document.pointer(to.trim_start_matches('#')).ok_or_else(|| format!("no {to}"))?;
        return fits(document, there, value)
            .map_err(|why| format!("{}: {why}", to.rsplit('/').next().unwrap_or(to)));
    }
    for key in ["anyOf", "oneOf"] {
        if let Some(forms) = schema[key].as_array() {
            let told: Vec<String> =
                forms.iter().filter_map(|form| fits(document, form, value).err()).collect();
            return if told.len() < forms.len() { Ok(()) } else { Err(told.join("; or ")) };
        }
    }
    let is = |kind: &Value| match kind.as_str().unwrap_or_default() {
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => value.is_null(),
    };
    let kinds = &schema["type"];
    let right = kinds.is_null() || kinds.as_array().map_or_else(|| is(kinds), |kinds| kinds.iter().any(is));
    let words = schema["enum"].as_array().is_none_or(|words| words.contains(value));
    let word = schema.get("const").is_none_or(|word| word == value);
    if !(right && words && word) {
        return Err(format!("{value:.200} is not {schema:.200}"));
    }
    for (item, schema) in value.as_array().into_iter().flatten().zip(std::iter::repeat(&schema["items"])) {
        if schema.is_object() {
            fits(document, schema, item)?;
        }
    }
    let Some(fields) = value.as_object().filter(|_| schema["properties"].is_object()) else { return Ok(()) };
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if !fields.contains_key(name) {
            return Err(format!("{name} is missing"));
        }
    }
    for (name, value) in fields {
        match schema["properties"].get(name) {
            Some(schema) => fits(document, schema, value).map_err(|why| format!("{name}: {why}"))?,
            None if schema["additionalProperties"].is_object() => {
                let more = &schema["additionalProperties"];
                fits(document, more, value).map_err(|why| format!("{name}: {why}"))?;
            }
            None => return Err(format!("{name} is not described")),
        }
    }
    Ok(())
}
