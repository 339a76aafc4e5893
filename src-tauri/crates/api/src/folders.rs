//! Folders of the library.

use crate::error::blocking;
use crate::files::{in_folder, present};
use crate::openapi::Created;
use crate::paging::{Asked, Page, ServerUrl};
use crate::routing::{Routes, get, post};
use crate::{ApiError, App};
use axum::Json;
use axum::extract::{Path, Query, RawQuery, State};
use axum::response::NoContent;
use domain::{FolderId, FolderView, GCodeFolder};
use serde::Deserialize;
use store::file::InFolder;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .route("/g_code_folders/", get(list).post(add))
        .route("/g_code_folders/bulk_delete/", post(bulk_delete))
        .route("/g_code_folders/bulk_move/", post(bulk_move))
        .route("/g_code_folders/{id}/", get(detail).patch(change).delete(remove))
}

#[derive(Deserialize, schemars::JsonSchema)]
struct List {
    q: Option<String>,
    parent_folder: Option<String>,
    sorting: Option<String>,
    page: Option<u32>,
    /// 500 unless said, 500 at most.
    page_size: Option<u32>,
}

/// Returns all folders by name, with what lies in each.
async fn all(app: &App) -> Result<Vec<FolderView>, ApiError> {
    let store = app.station.store().clone();
    let found = blocking(move || {
        store.read(|conn| {
            Ok::<_, store::StoreError>((store::folder::all(conn)?, store::folder::counts(conn)?))
        })
    });
    let (folders, counts) = found.await?;
    let view = |folder: GCodeFolder| {
        let (files, folders) = counts.get(&folder.id).copied().unwrap_or_default();
        FolderView { folder, vigil: domain::FolderExtras { files, folders } }
    };
    Ok(folders.into_iter().map(view).collect())
}

async fn list(
    State(app): State<App>,
    server: ServerUrl,
    RawQuery(query): RawQuery,
    Query(list): Query<List>,
) -> Result<Json<Page<FolderView>>, ApiError> {
    let size = list.page_size.unwrap_or(500).clamp(1, 500);
    let asked = Asked::read("/api/v1/g_code_folders/", &server, query.as_deref(), list.page, size)?;
    let within = in_folder(list.parent_folder.as_deref())?;
    let wanted = list.q.unwrap_or_default().to_lowercase();
    let mut found = all(&app).await?;
    found.retain(|view| {
        let here = match within {
            InFolder::Any => true,
            InFolder::Top => view.folder.parent_folder.is_none(),
            InFolder::Folder(id) => view.folder.parent_folder == Some(id),
        };
        here && view.folder.name.to_lowercase().contains(&wanted)
    });
    match list.sorting.as_deref() {
        None | Some("" | "name_asc") => (),
        Some("name_desc") => found.reverse(),
        Some("created_at_asc") => found.sort_by_key(|view| view.folder.id.get()),
        Some("created_at_desc") => found.sort_by_key(|view| -view.folder.id.get()),
        Some(other) => {
            let why = format!("sorting {other:?} is unknown");
            return Err(ApiError::bad_request(why).of_field("sorting"));
        }
    }
    let count = found.len() as u64;
    let results = found.into_iter().skip(asked.start() as usize).take(asked.size() as usize).collect();
    asked.page(count, results).map(Json)
}

async fn find(app: &App, id: FolderId) -> Result<Json<FolderView>, ApiError> {
    let found = all(app).await?.into_iter().find(|view| view.folder.id == id);
    found.map(Json).ok_or_else(|| ApiError::not_found("this folder"))
}

async fn detail(State(app): State<App>, Path(id): Path<FolderId>) -> Result<Json<FolderView>, ApiError> {
    find(&app, id).await
}

#[derive(Deserialize, schemars::JsonSchema)]
struct NewFolder {
    name: String,
    parent_folder: Option<FolderId>,
}

async fn add(State(app): State<App>, Json(add): Json<NewFolder>) -> Result<Created<FolderView>, ApiError> {
    let station = app.station.clone();
    let made = blocking(move || station.add_folder(&add.name, add.parent_folder)).await?;
    Ok(Created(find(&app, made.id).await?.0))
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct FolderPatch {
    name: Option<String>,
    /// Absent: unchanged; null: to the top.
    #[serde(default, deserialize_with = "present")]
    parent_folder: Option<Option<FolderId>>,
}

async fn change(
    State(app): State<App>,
    Path(id): Path<FolderId>,
    Json(change): Json<FolderPatch>,
) -> Result<Json<FolderView>, ApiError> {
    let station = app.station.clone();
    blocking(move || station.change_folder(id, change.name.as_deref(), change.parent_folder)).await?;
    find(&app, id).await
}

/// Deletes a folder and all that lies in it.
async fn remove(State(app): State<App>, Path(id): Path<FolderId>) -> Result<NoContent, ApiError> {
    let station = app.station.clone();
    blocking(move || station.delete_folder(id)).await?;
    app.station.tell_queued_files().await?;
    Ok(NoContent)
}

#[derive(Deserialize, schemars::JsonSchema)]
struct FolderIds {
    folder_ids: Vec<FolderId>,
    #[serde(default, alias = "target_folder_id")]
    parent_folder: Option<FolderId>,
}

async fn bulk_delete(State(app): State<App>, Json(ids): Json<FolderIds>) -> Result<NoContent, ApiError> {
    let station = app.station.clone();
    blocking(move || ids.folder_ids.into_iter().try_for_each(|id| station.delete_folder(id))).await?;
    app.station.tell_queued_files().await?;
    Ok(NoContent)
}

async fn bulk_move(State(app): State<App>, Json(ids): Json<FolderIds>) -> Result<NoContent, ApiError> {
    let station = app.station.clone();
    let each = move || {
        ids.folder_ids
            .into_iter()
            .try_for_each(|id| station.change_folder(id, None, Some(ids.parent_folder)).map(|_| ()))
    };
    blocking(each).await?;
    Ok(NoContent)
}
