//! Cameras, their pictures, kept frames, and trying the detection.

use crate::error::blocking;
use crate::{ApiError, App};
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Path, Query, Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, patch, post};
use axum::{Json, Router};
use bytes::Bytes;
use domain::{Camera, CameraId, CameraSource, Detection, FrameId, Rotation};
use serde::{Deserialize, Serialize};
use station::{Sample, Station};
use std::time::Duration;

/// Longest wait for a newer picture.
const LONG_POLL: Duration = Duration::from_secs(10);

/// Largest picture to try the detection on, bytes.
const MAX_PICTURE: usize = 16 * 1024 * 1024;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/vigil/cameras/", get(list).post(add))
        .route("/vigil/cameras/{id}/", patch(change).delete(remove))
        .route("/vigil/cameras/{id}/frame.jpg", get(frame))
        .route("/vigil/camera_devices/frame.jpg", get(device_frame))
        .route("/vigil/frames/{name}", get(kept_frame))
        .route("/vigil/try_detection/", post(try_detection).layer(DefaultBodyLimit::max(MAX_PICTURE)))
}

#[derive(Serialize)]
struct Cameras {
    cameras: Vec<Camera>,
    devices: Vec<Device>,
}

#[derive(Serialize)]
struct Device {
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
    Ok(Json(Cameras { cameras, devices }))
}

#[derive(Deserialize)]
struct Add {
    name: String,
    source: CameraSource,
    #[serde(default)]
    rotation: Rotation,
    #[serde(default)]
    flip_h: bool,
    #[serde(default)]
    flip_v: bool,
}

fn check(source: &CameraSource) -> Result<(), ApiError> {
    match source {
        CameraSource::Snapshot { url } | CameraSource::Mjpeg { url } if !url.starts_with("http://") => {
            Err(ApiError::bad_request("a camera's address begins with http://"))
        }
        CameraSource::Snapshot { .. }
        | CameraSource::Mjpeg { .. }
        | CameraSource::Device { .. }
        | CameraSource::Demo => Ok(()),
    }
}

async fn add(State(app): State<App>, Json(add): Json<Add>) -> Result<(StatusCode, Json<Camera>), ApiError> {
    check(&add.source)?;
    let camera = Camera {
        id: CameraId(0),
        name: add.name,
        source: add.source,
        rotation: add.rotation,
        flip_h: add.flip_h,
        flip_v: add.flip_v,
    };
    Ok((StatusCode::CREATED, Json(app.station.put_camera(camera).await?)))
}

#[derive(Deserialize)]
struct Change {
    name: Option<String>,
    source: Option<CameraSource>,
    rotation: Option<Rotation>,
    flip_h: Option<bool>,
    flip_v: Option<bool>,
}

async fn change(
    State(app): State<App>,
    Path(id): Path<CameraId>,
    Json(change): Json<Change>,
) -> Result<Json<Camera>, ApiError> {
    let store = app.station.store().clone();
    let cameras = blocking(move || store.read(store::camera::list)).await?;
    let mut camera = cameras
        .into_iter()
        .find(|camera| camera.id == id)
        .ok_or_else(|| ApiError::not_found("this camera"))?;
    if let Some(source) = change.source {
        check(&source)?;
        camera.source = source;
    }
    camera.name = change.name.unwrap_or(camera.name);
    camera.rotation = change.rotation.unwrap_or(camera.rotation);
    camera.flip_h = change.flip_h.unwrap_or(camera.flip_h);
    camera.flip_v = change.flip_v.unwrap_or(camera.flip_v);
    Ok(Json(app.station.put_camera(camera).await?))
}

async fn remove(State(app): State<App>, Path(id): Path<CameraId>) -> Result<StatusCode, ApiError> {
    app.station.remove_camera(id).await?;
    Ok(StatusCode::NO_CONTENT)
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

#[derive(Deserialize)]
struct After {
    #[serde(default)]
    after: i64,
}

/// Answers with the newest frame after `after`, waiting for it up to ten seconds.
async fn frame(
    State(app): State<App>,
    Path(id): Path<CameraId>,
    Query(query): Query<After>,
) -> Result<Response, ApiError> {
    let Ok(_waiting) = app.waiting_pictures.try_acquire() else {
        return Err(ApiError::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "too_many_pictures",
            "too many pictures are being asked for at once",
            "Close other windows of the app.",
        ));
    };
    let mut frames = app.station.frames(id).ok_or_else(|| ApiError::not_found("this camera"))?;
    let newer =
        frames.wait_for(|frame| frame.as_ref().is_some_and(|frame| frame.info.id.get() > query.after));
    match tokio::time::timeout(LONG_POLL, newer).await {
        Err(_) => Ok(StatusCode::NO_CONTENT.into_response()),
        Ok(Err(_)) => Err(ApiError::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "camera_closed",
            "this camera was closed",
            "It is opened again in a moment.",
        )),
        Ok(Ok(frame)) => {
            let frame = frame.as_ref().expect("waited for one").clone();
            Ok(jpeg(frame.jpeg.clone(), Some(frame.info.id)))
        }
    }
}

#[derive(Deserialize)]
struct DeviceName {
    device: String,
}

async fn device_frame(Query(query): Query<DeviceName>) -> Result<Response, ApiError> {
    let shot = blocking(move || Station::device_frame(&query.device).map_err(camera_error)).await?;
    Ok(jpeg(shot, None))
}

fn camera_error(why: String) -> ApiError {
    ApiError::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "camera",
        why,
        "Check the camera's cable, and that no other program uses it.",
    )
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

#[derive(Deserialize)]
#[serde(untagged)]
enum Try {
    Camera { camera: CameraId },
    Sample { sample: String },
}

#[derive(Serialize)]
struct Tried {
    probability: f64,
    p: f64,
    boxes: Vec<Detection>,
    frame_size: (u32, u32),
    total_ms: f32,
    inference_ms: f32,
    img_data_url: String,
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
        let Json(asked) = Json::<Try>::from_request(request, &app)
            .await
            .map_err(|e| ApiError::bad_request(e.body_text()))?;
        match asked {
            Try::Camera { camera } => Sample::Camera(camera),
            Try::Sample { sample } => Sample::Builtin { failing: sample == "failing" },
        }
    };
    let station = app.station.clone();
    let tried = blocking(move || {
        station.try_detection(sample).map_err(|why| {
            ApiError::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "no_detection",
                why,
                "See Settings, About, for the detector.",
            )
        })
    });
    let (picture, found, frame_size) = tried.await?;
    Ok(Json(Tried {
        probability: found.probability,
        p: found.p,
        boxes: found.boxes,
        frame_size,
        total_ms: found.total_ms,
        inference_ms: found.inference_ms,
        img_data_url: data_url(&picture),
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
