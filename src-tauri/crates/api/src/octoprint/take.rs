//! A file from a slicer, into the library: its type, its folder, and whether that name is being printed.

use super::listing;
use crate::error::blocking;
use crate::upload::{self, Received};
use crate::{ApiError, App, files};
use axum::http::StatusCode;
use domain::{FolderId, GCodeFile, display_name};
use station::SameName;
use store::Connection;

/// What a name may end in; what is inside is read all the same.
const ENDINGS: &[&str] = &[".gcode", ".gco", ".g", ".bgcode", ".3mf", ".ufp"];
/// Folders below each other at most.
const DEEPEST: usize = 8;

/// A file that is in the library now.
pub(crate) struct Kept {
    pub(crate) file: GCodeFile,
    /// With its folders, such as `clips/clip.gcode`.
    pub(crate) path: String,
}

/// Refuses a file whose name says that it is no G-code, before it is read.
///
/// # Errors
/// 415; 400 when there is no name.
pub(crate) fn check_type(name: &str) -> Result<(), ApiError> {
    let name = display_name(name);
    if name.is_empty() {
        return Err(ApiError::bad_request("a file needs a name"));
    }
    let lower = name.to_lowercase();
    if ENDINGS.iter().any(|ending| lower.ends_with(ending) && lower.len() > ending.len()) {
        return Ok(());
    }
    Err(ApiError::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "wrong_type",
        format!("the file {name} is not one that can be printed"),
        "Send G-code: .gcode, .gco, .g, .bgcode, .gcode.3mf or .ufp.",
    ))
}

/// Takes a file into the folder at `path`; one of the same name there is replaced.
///
/// # Errors
/// When it cannot be printed or kept, and when that name is being printed: nothing is kept then.
pub(crate) async fn keep(app: &App, received: Received, path: &str) -> Result<Kept, ApiError> {
    let names = folder_names(path)?;
    let name = display_name(&received.name);
    let folder = folder_at(app, names.clone()).await?;
    refuse_if_printing(app, &name, folder).await?;
    let (_, id) = upload::take_in(app, received, folder, SameName::Replace).await.map_err(as_wrong_type)?;
    let file = files::find(app, id).await?.file;
    let path = names.iter().map(String::as_str).chain([file.filename.as_str()]).collect::<Vec<_>>().join("/");
    Ok(Kept { file, path })
}

/// To a slicer, content that is no G-code is a wrong type like a name that is none.
fn as_wrong_type(error: ApiError) -> ApiError {
    if error.code == "unprintable" {
        return ApiError { status: StatusCode::UNSUPPORTED_MEDIA_TYPE, ..error };
    }
    error
}

/// Takes the path of a folder apart.
fn folder_names(path: &str) -> Result<Vec<String>, ApiError> {
    let parts = path.split('/').map(str::trim).filter(|part| !part.is_empty());
    let names: Vec<String> = parts.map(str::to_owned).collect();
    let good = |name: &String| name != "." && name != ".." && display_name(name) == *name;
    if names.len() > DEEPEST || !names.iter().all(good) {
        return Err(ApiError::bad_request(format!(
            "a folder is given as names with / between them, {DEEPEST} at most"
        )));
    }
    Ok(names)
}

/// Returns the folder of that path, which is made where it is missing; none at the top.
async fn folder_at(app: &App, names: Vec<String>) -> Result<Option<FolderId>, ApiError> {
    let (station, store) = (app.station.clone(), app.station.store().clone());
    let walk = move || {
        let mut at = None;
        for name in names {
            let there = {
                let name = name.clone();
                store.read(move |conn| listing::folder(conn, at, &name))?
            };
            at = Some(match there {
                Some(id) => id,
                None => station.add_folder(&name, at)?.id,
            });
        }
        Ok::<_, station::LibraryError>(at)
    };
    blocking(walk).await
}

async fn refuse_if_printing(app: &App, name: &str, folder: Option<FolderId>) -> Result<(), ApiError> {
    let (store, wanted) = (app.station.store().clone(), name.to_owned());
    let read = move |conn: &Connection| store::library::named(conn, &wanted, folder);
    let there = blocking(move || store.read(read)).await?;
    if there.is_some_and(|file| app.station.files_in_use().contains(&file.id)) {
        return Err(ApiError::new(
            StatusCode::CONFLICT,
            "in_use",
            format!("the file {name} is being printed"),
            "Wait until the print has ended, or send it under another name.",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_whether_it_may_be_g_code() {
        for good in ["a.gcode", "a.GCO", "a.g", "x/y.bgcode", "plate.gcode.3mf", "Würfel.gcode"] {
            assert!(check_type(good).is_ok(), "{good}");
        }
        for wrong in ["a.stl", "a", ".gcode", "a.gcode.exe", "a.gcode\u{202e}x"] {
            let refused = check_type(wrong).unwrap_err();
            assert_eq!(refused.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{wrong}");
        }
        for nameless in ["", "a/", "  ", "..\\"] {
            assert_eq!(check_type(nameless).unwrap_err().status, StatusCode::BAD_REQUEST, "{nameless:?}");
        }
    }

    #[test]
    fn a_folder_is_made_of_names_and_leads_nowhere_else() {
        assert_eq!(folder_names("/a//b c/").unwrap(), ["a", "b c"]);
        assert!(folder_names("").unwrap().is_empty());
        for wrong in ["..", "a/../b", ".", "a\\b", "a\u{0}", "a/\u{202e}b", "1/2/3/4/5/6/7/8/9"] {
            assert!(folder_names(wrong).is_err(), "{wrong:?}");
        }
    }
}
