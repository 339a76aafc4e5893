//! Where the model and the library that runs it lie.

use crate::DetectError;
use std::path::{Path, PathBuf};

/// File name of the library that runs models.
pub const RUNTIME_FILE: &str = if cfg!(windows) {
    "onnxruntime.dll"
} else if cfg!(target_os = "macos") {
    "libonnxruntime.dylib"
} else {
    "libonnxruntime.so"
};

/// File name of our model.
pub const MODEL_FILE: &str = "printvigil.onnx";

/// Finds the ONNX Runtime library: `ORT_DYLIB_PATH`, beside the executable, in the project's `target/ort`, then
/// in the folders of `extra` (the data folder, say).
///
/// # Errors
/// [`DetectError::NoRuntime`] with the places that were looked at.
pub fn find_runtime(extra: &[PathBuf]) -> Result<PathBuf, DetectError> {
    let named = std::env::var_os("ORT_DYLIB_PATH").map(PathBuf::from);
    let exe = std::env::current_exe().unwrap_or_default();
    first_file(runtime_places(named, &exe, extra)).map_err(|looked| DetectError::NoRuntime { looked })
}

/// Finds the model: `VIGIL_MODEL`, beside the executable, in the project's `models`, then in the folders of
/// `extra`.
///
/// # Errors
/// [`DetectError::NoModel`] with the places that were looked at.
pub fn find_model(extra: &[PathBuf]) -> Result<PathBuf, DetectError> {
    let named = std::env::var_os("VIGIL_MODEL").map(PathBuf::from);
    let exe = std::env::current_exe().unwrap_or_default();
    first_file(model_places(named, &exe, extra)).map_err(|looked| DetectError::NoModel { looked })
}

fn runtime_places(named: Option<PathBuf>, exe: &Path, extra: &[PathBuf]) -> Vec<PathBuf> {
    // What the environment names is meant: nothing else is tried then.
    if let Some(path) = named {
        return vec![path];
    }
    let mut places: Vec<PathBuf> = beside(exe).iter().map(|dir| dir.join(RUNTIME_FILE)).collect();
    places.extend(target(exe).map(|dir| dir.join("ort").join(RUNTIME_FILE)));
    places.extend(extra.iter().map(|dir| dir.join(RUNTIME_FILE)));
    places
}

fn model_places(named: Option<PathBuf>, exe: &Path, extra: &[PathBuf]) -> Vec<PathBuf> {
    if let Some(path) = named {
        return vec![path];
    }
    let mut places = Vec::new();
    for dir in beside(exe) {
        places.push(dir.join("models").join(MODEL_FILE));
        places.push(dir.join(MODEL_FILE));
    }
    places.extend(target(exe).and_then(Path::parent).map(|dir| dir.join("models").join(MODEL_FILE)));
    places.extend(extra.iter().map(|dir| dir.join(MODEL_FILE)));
    places
}

/// Returns the folder of the executable and where installers put what belongs to it.
fn beside(exe: &Path) -> Vec<PathBuf> {
    let Some(dir) = exe.parent() else { return Vec::new() };
    let mut dirs = vec![dir.to_path_buf()];
    if let Some(above) = dir.parent() {
        if cfg!(target_os = "macos") {
            dirs.push(above.join("Resources"));
        } else if cfg!(target_os = "linux") {
            dirs.push(above.join("lib").join("printvigil"));
        }
    }
    dirs
}

/// Returns cargo's `target` folder when the executable was built there. Only a folder of that name counts: a
/// library must not be picked up from any folder above us.
fn target(exe: &Path) -> Option<&Path> {
    exe.ancestors().skip(1).find(|dir| dir.file_name().is_some_and(|name| name == "target"))
}

fn first_file(places: Vec<PathBuf>) -> Result<PathBuf, Vec<PathBuf>> {
    match places.iter().find(|path| path.is_file()) {
        Some(path) => Ok(std::path::absolute(path).unwrap_or_else(|_| path.clone())),
        None => Err(places),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_named_file_alone_counts() {
        let places = runtime_places(Some("/a/b.so".into()), Path::new("/x/y"), &["/data".into()]);
        assert_eq!(places, [PathBuf::from("/a/b.so")], "a wrong name must be told, not papered over");
    }

    #[test]
    fn a_build_finds_the_project_and_an_installed_app_what_lies_beside_it() {
        let exe = Path::new("/p/target/debug/deps/vigil-1");
        let runtimes = runtime_places(None, exe, &["/data".into()]);
        assert!(runtimes.contains(&Path::new("/p/target/ort").join(RUNTIME_FILE)), "{runtimes:?}");
        assert_eq!(runtimes.last().unwrap(), &Path::new("/data").join(RUNTIME_FILE));
        assert!(model_places(None, exe, &[]).contains(&Path::new("/p/models").join(MODEL_FILE)));

        let installed = runtime_places(None, Path::new("/opt/printvigil/bin/vigil"), &[]);
        assert_eq!(installed[0], Path::new("/opt/printvigil/bin").join(RUNTIME_FILE));
        assert!(
            !installed.iter().any(|p| p.starts_with("/opt/ort") || p.starts_with("/ort")),
            "{installed:?}"
        );
    }

    #[test]
    fn what_is_missing_is_told_with_the_places() {
        let looked = first_file(vec!["/no/such/file".into()]).unwrap_err();
        let text = DetectError::NoModel { looked }.for_people();
        assert!(text.contains("/no/such/file") && text.contains("Install Printvigil again"), "{text}");
    }
}
