//! Cameras, their pictures, kept frames, and trying the detection.

use crate::auth::Asker;
use crate::camera_checks::{LONGEST_NAME, check};
use crate::error::blocking;
use crate::openapi::{Created, InputField, Kind};
use crate::routing::{Routes, get, patch, post};
use crate::{ApiError, App};
use axum::Extension;
use axum::Json;
use axum::body::Body;
use axum::extract::{FromRequest, Multipart, Path, Query, Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, NoContent, Response};
use bytes::Bytes;
use domain::{Camera, CameraId, CameraSource, Crop, Detection, DeviceOptions, FrameId, Rotation};
use serde::{Deserialize, Serialize};
use station::{CameraError, Frame, Sample, Station};
use std::sync::Arc;
use std::time::Duration;

/// Longest wait for a newer picture.
const LONG_POLL: Duration = Duration::from_secs(10);

/// Largest picture to try the detection on, bytes.
const MAX_PICTURE: usize = 16 * 1024 * 1024;

/// A picture to be looked at.
const PICTURE: &[InputField] = &[InputField::new("file", Kind::File, "A picture.")];

pub(crate) fn routes() -> Routes {
    Routes::new()
        .route("/vigil/cameras/", get(list).post(add))
        .route("/vigil/cameras/{id}/", patch(change).delete(remove))
        .route("/vigil/cameras/{id}/frame.jpg", get(frame).sends("image/jpeg").or_nothing())
        .route("/vigil/cameras/try/", post(try_source).sends("image/jpeg"))
        .route("/vigil/camera_devices/frame.jpg", get(device_frame).sends("image/jpeg"))
        .route("/vigil/camera_devices/options/", get(device_options))
        .route("/vigil/frames/{name}", get(kept_frame).sends("image/jpeg"))
        .route(
            "/vigil/try_detection/",
            post(try_detection).body::<DetectionSample>().form(PICTURE).body_limit(MAX_PICTURE),
        )
}

/// A camera as it is shown: its address without name and password.
#[derive(Serialize, ts_rs::TS, schemars::JsonSchema)]
#[serde(rename = "CameraRecord")]
pub(crate) struct CameraView {
    #[serde(flatten)]
    camera: Camera,
    /// A password is kept for it. It can be replaced (in the address, before the host) and never read.
    password_set: bool,
}

fn view(app: &App, camera: Camera) -> CameraView {
    CameraView { password_set: app.station.camera_password_set(camera.id), camera }
}

#[derive(Serialize, ts_rs::TS, schemars::JsonSchema)]
pub(crate) struct Cameras {
    cameras: Vec<CameraView>,
    devices: Vec<Device>,
}

#[derive(Serialize, ts_rs::TS, schemars::JsonSchema)]
#[serde(rename = "CameraDevice")]
pub(crate) struct Device {
    device: String,
    label: String,
    in_use: bool,
}

async fn list(State(app): State<App>) -> Result<Json<Cameras>, ApiError> {
    let store = app.station.store().clone();
    let cameras = blocking(move || store.read(store::camera::list)).await?;
    let found = blocking(|| Ok::<_, ApiError>(Station::camera_devices())).await?;
    let taken = |device: &str| {
        cameras
            .iter()
            .any(|camera| matches!(&camera.source, CameraSource::Device { device: d, .. } if d == device))
    };
    let devices =
        found.into_iter().map(|(device, label)| Device { in_use: taken(&device), device, label }).collect();
    let cameras = cameras.into_iter().map(|camera| view(&app, camera)).collect();
    Ok(Json(Cameras { cameras, devices }))
}

#[derive(Deserialize, ts_rs::TS, schemars::JsonSchema)]
#[serde(rename = "NewCamera")]
pub(crate) struct Add {
    name: String,
    source: CameraSource,
    #[serde(default)]
    rotation: Rotation,
    #[serde(default)]
    flip_h: bool,
    #[serde(default)]
    flip_v: bool,
    #[serde(default)]
    #[ts(optional)]
    crop: Option<Crop>,
}

/// Refuses a name that no list could show.
fn check_name(name: &str) -> Result<(), ApiError> {
    if !(1..=LONGEST_NAME).contains(&name.trim().chars().count()) || name.chars().any(char::is_control) {
        return Err(ApiError::bad_request(format!(
            "a camera's name has 1 to {LONGEST_NAME} characters that can be seen"
        )));
    }
    Ok(())
}

async fn add(State(app): State<App>, Json(add): Json<Add>) -> Result<Created<CameraView>, ApiError> {
    check_name(&add.name)?;
    add.crop.map_or(Ok(()), Crop::check).map_err(ApiError::bad_request)?;
    check(&app, &add.source).await?;
    let camera = Camera {
        id: CameraId(0),
        name: add.name,
        source: add.source,
        rotation: add.rotation,
        flip_h: add.flip_h,
        flip_v: add.flip_v,
        crop: add.crop,
    };
    let added = app.station.put_camera(camera).await?;
    Ok(Created(view(&app, added)))
}

#[derive(Deserialize, schemars::JsonSchema)]
struct CameraPatch {
    name: Option<String>,
    source: Option<CameraSource>,
    rotation: Option<Rotation>,
    flip_h: Option<bool>,
    flip_v: Option<bool>,
    /// What is left of the picture; all of it takes the crop away.
    crop: Option<Crop>,
}

async fn change(
    State(app): State<App>,
    Path(id): Path<CameraId>,
    Json(change): Json<CameraPatch>,
) -> Result<Json<CameraView>, ApiError> {
    change.name.iter().try_for_each(|name| check_name(name))?;
    let store = app.station.store().clone();
    let cameras = blocking(move || store.read(store::camera::list)).await?;
    let mut camera = cameras
        .into_iter()
        .find(|camera| camera.id == id)
        .ok_or_else(|| ApiError::not_found("this camera"))?;
    if let Some(source) = change.source {
        check(&app, &source).await?;
        camera.source = source;
    }
    camera.name = change.name.unwrap_or(camera.name);
    camera.rotation = change.rotation.unwrap_or(camera.rotation);
    camera.flip_h = change.flip_h.unwrap_or(camera.flip_h);
    camera.flip_v = change.flip_v.unwrap_or(camera.flip_v);
    if let Some(crop) = change.crop {
        crop.check().map_err(ApiError::bad_request)?;
        camera.crop = Some(crop).filter(|crop| *crop != Crop::ALL);
    }
    let changed = app.station.put_camera(camera).await?;
    Ok(Json(view(&app, changed)))
}

async fn remove(State(app): State<App>, Path(id): Path<CameraId>) -> Result<NoContent, ApiError> {
    app.station.remove_camera(id).await?;
    Ok(NoContent)
}

fn jpeg(bytes: Bytes, id: Option<FrameId>) -> Response {
    let mut response = Response::new(Body::from(bytes));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("image/jpeg"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(id) = id {
        headers.insert("x-frame-id", HeaderValue::from(id.get()));
    }
    response
}

#[derive(Deserialize, schemars::JsonSchema)]
struct After {
    #[serde(default)]
    after: i64,
}

/// Answers with the newest frame after `after`, waiting for it up to ten seconds; shorter when too many wait.
async fn frame(
    State(app): State<App>,
    Path(id): Path<CameraId>,
    Extension(asker): Extension<Asker>,
    Query(query): Query<After>,
) -> Result<Response, ApiError> {
    let frames = app.station.look_at(id).await?;
    let mut frames = frames.ok_or_else(|| ApiError::not_found("this camera"))?;
    let is_newer =
        |frame: &Option<Arc<Frame>>| frame.as_ref().is_some_and(|frame| frame.info.id.get() > query.after);
    app.station.agents().looked(id);
    // A picture that is there needs nobody to wait.
    if !is_newer(&frames.borrow()) {
        let mut slot = app.waiting.enter(&asker);
        let come = tokio::select! {
            come = frames.wait_for(is_newer) => come.map(|_| ()),
            _ = &mut slot.give_way => return Ok(StatusCode::NO_CONTENT.into_response()),
            () = tokio::time::sleep(LONG_POLL) => return Ok(StatusCode::NO_CONTENT.into_response()),
        };
        come.map_err(|_| {
            ApiError::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "camera_closed",
                "this camera was closed",
                "It is opened again in a moment.",
            )
        })?;
    }
    let newest = frames.borrow().clone();
    let frame = newest.ok_or_else(|| ApiError::not_found("this picture"))?;
    Ok(jpeg(frame.jpeg.clone(), Some(frame.info.id)))
}

#[derive(Deserialize, schemars::JsonSchema)]
struct DeviceName {
    device: String,
}

async fn device_frame(State(app): State<App>, Query(query): Query<DeviceName>) -> Result<Response, ApiError> {
    let shot = blocking(move || app.station.device_frame(&query.device).map_err(camera_error)).await?;
    Ok(jpeg(shot, None))
}

/// Answers with what a camera of this computer offers: sizes, rates, and what can be set at it.
async fn device_options(Query(query): Query<DeviceName>) -> Result<Json<DeviceOptions>, ApiError> {
    let options = blocking(move || Station::device_options(&query.device).map_err(camera_error)).await?;
    Ok(Json(options))
}

#[derive(Deserialize, ts_rs::TS, schemars::JsonSchema)]
#[ts(optional_fields)]
pub(crate) struct TrySource {
    source: CameraSource,
    /// The camera whose settings it shall become: its password is used for what the address hides.
    camera: Option<CameraId>,
}

/// Takes one picture of a camera that is not set up, so that one that gives none is never kept.
async fn try_source(State(app): State<App>, Json(asked): Json<TrySource>) -> Result<Response, ApiError> {
    check(&app, &asked.source).await?;
    if let CameraSource::Agent { printer, url: Some(url) } = asked.source {
        let shot = app.station.agents().picture_at(printer, url).await;
        return shot.map(|shot| jpeg(shot, None)).map_err(host_camera_error);
    }
    let source = app.station.with_password(asked.camera, asked.source);
    let shot = blocking(move || app.station.source_frame(&source).map_err(camera_error)).await?;
    Ok(jpeg(shot, None))
}

fn host_camera_error(why: String) -> ApiError {
    let hint = "Enter the address as that computer reaches it, and check that it answers with a picture.";
    ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "camera", why, hint)
}

fn camera_error(error: CameraError) -> ApiError {
    let (code, certificate) = (error.code(), error.certificate().map(Box::from));
    let answer = ApiError::new(StatusCode::SERVICE_UNAVAILABLE, code, error.to_string(), error.cure());
    ApiError { certificate, ..answer }
}

async fn kept_frame(State(app): State<App>, Path(name): Path<String>) -> Result<Response, ApiError> {
    let id = name.strip_suffix(".jpg").and_then(|id| id.parse().ok()).map(FrameId);
    let id = id.ok_or_else(|| ApiError::not_found("this picture"))?;
    if let Some(frame) = app.station.recent_frame(id) {
        return Ok(jpeg(frame.jpeg.clone(), Some(id)));
    }
    let store = app.station.store().clone();
    let row = blocking(move || store.read(move |conn| store::frame::get(conn, id))).await?;
    let row = row.ok_or_else(|| ApiError::not_found("this picture"))?;
    let bytes = tokio::fs::read(app.station.data_dir().join(row.path)).await;
    bytes.map(|bytes| jpeg(bytes.into(), Some(id))).map_err(|_| ApiError::not_found("this picture"))
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(untagged)]
enum DetectionSample {
    Camera { camera: CameraId },
    Sample { sample: String },
}

#[derive(Serialize, ts_rs::TS, schemars::JsonSchema)]
#[serde(rename = "TryResult")]
pub(crate) struct Tried {
    probability: f64,
    p: f64,
    boxes: Vec<Detection>,
    frame_size: (u32, u32),
    total_ms: f32,
    inference_ms: f32,
    img_data_url: String,
    /// How sharp the model's eye is.
    sight: Option<station::Sight>,
}

async fn try_detection(State(app): State<App>, request: Request) -> Result<Json<Tried>, ApiError> {
    let multipart = request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.starts_with("multipart/"));
    let sample = if multipart {
        let form =
            Multipart::from_request(request, &app).await.map_err(|e| ApiError::bad_request(e.body_text()))?;
        Sample::Picture(picture(form).await?)
    } else {
        let Json(asked) = Json::<DetectionSample>::from_request(request, &app)
            .await
            .map_err(|e| ApiError::bad_request(e.body_text()))?;
        match asked {
            DetectionSample::Camera { camera } => Sample::Camera(camera),
            DetectionSample::Sample { sample } => Sample::Builtin { failing: sample == "failing" },
        }
    };
    let station = app.station.clone();
    let tried = blocking(move || station.try_detection(sample).map_err(ApiError::from));
    let station::Tried { jpeg, findings: found, size: frame_size, sight } = tried.await?;
    Ok(Json(Tried {
        probability: found.probability,
        p: found.p,
        boxes: found.boxes,
        frame_size,
        total_ms: found.total_ms,
        inference_ms: found.inference_ms,
        img_data_url: data_url(&jpeg),
        sight,
    }))
}

async fn picture(mut form: Multipart) -> Result<Bytes, ApiError> {
    while let Some(field) = form.next_field().await.map_err(|e| ApiError::bad_request(e.body_text()))? {
        if field.name() == Some("file") {
            return field.bytes().await.map_err(|e| ApiError::bad_request(e.body_text()));
        }
    }
    Err(ApiError::bad_request("the form has no field `file`"))
}

pub(crate) fn data_url(jpeg: &[u8]) -> String {
    use base64::Engine;
    format!("data:image/jpeg;base64,{}", base64::engine::general_purpose::STANDARD.encode(jpeg))
}
