//! Which model detects: ours, or one that the user brought. A brought one that fails never ends the watch: ours
//! takes over, and everyone is told.

use crate::clock::SystemClock;
use crate::devices::DeviceFactory;
use crate::error::StationError;
use crate::live::Snapshot;
use bytes::Bytes;
use detect::{
    DetectError, DetectHandle, Eye, Findings, ImportedModel, Imports, LastModel, LoadDetector, ModelFiles,
    ModelKind, ModelSettings, OnGone, OpenModel, OpenModels, Sight, find_runtime,
};
use domain::{Clock, View};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use store::Store;
use tokio::sync::watch;

/// The setting that holds the id of the model in use; absent for ours.
const IN_USE: &str = "detection_model";

/// Stands in a detector's name between what is used and what should be.
const INSTEAD: &str = ", instead of ";

/// What the page is shown.
#[derive(Debug, Clone, serde::Serialize, ts_rs::TS, schemars::JsonSchema)]
pub struct Models {
    /// Id of the one that the user chose; `None` for ours.
    pub in_use: Option<String>,
    /// Name of what detects now.
    pub running: String,
    /// Why that is not the chosen one; empty when it is.
    pub fallback: String,
    /// Those that were brought.
    pub models: Vec<ImportedModel>,
}

/// What may be changed about a model.
#[derive(Debug, Clone, Default, serde::Deserialize, ts_rs::TS, schemars::JsonSchema)]
#[ts(optional_fields)]
pub struct ModelChange {
    /// For people.
    pub name: Option<String>,
    /// Names of the classes that are failures.
    pub failure_classes: Option<Vec<String>>,
    /// A box counts above this.
    pub confidence_above: Option<f32>,
}

/// How often the user chose since the start, so that a model that broke is tried again only when it is chosen again.
#[derive(Debug, Default)]
pub(crate) struct ModelChoice(AtomicU64);

/// Wraps how our model is loaded into a choice between it and the brought ones.
pub(crate) fn loader(
    models: OpenModels,
    store: Arc<Store>,
    data_dir: &Path,
    choice: Arc<ModelChoice>,
) -> LoadDetector {
    let data_dir = data_dir.to_path_buf();
    let OpenModels { mut ours, brought: open } = models;
    let mut tried = Tried::default();
    Box::new(move |last| {
        let Some(id) = in_use(&store) else { return ours(last) };
        let now = (id.clone(), choice.0.load(Ordering::SeqCst));
        let failed = tried.try_now(&now, last) == Outcome::FailedBefore;
        let loaded = if failed {
            Err("it stopped working; choose it again to try it once more".to_owned())
        } else {
            brought(&data_dir, &id, &open)
        };
        loaded.or_else(|why| {
            let name =
                Imports::of(&data_dir).get(&id).map_or_else(|| id.clone(), |model| model.settings.name);
            tracing::error!(model = id, why, "the chosen detection model cannot be used; ours takes over");
            let inner = ours(last)?;
            let name = format!("{}{INSTEAD}{name}: {why}", inner.name());
            Ok(Box::new(Instead { inner, name }) as Box<dyn Eye>)
        })
    })
}

/// A model and the person's choice of it: the same one chosen again is another.
type Chosen = (String, u64);

/// What became of the brought models that were tried.
#[derive(Debug, Default)]
struct Tried {
    last: Option<Chosen>,
    failed: Option<Chosen>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Unknown,
    FailedBefore,
}

impl Tried {
    /// Notes that a model is to be loaded, and says whether it failed since it was chosen. One that was only put away has not.
    fn try_now(&mut self, now: &Chosen, last: LastModel) -> Outcome {
        let before = self.last.replace(now.clone());
        if last == LastModel::Failed && before.as_ref() == Some(now) {
            self.failed = before;
        }
        if self.failed.as_ref() == Some(now) { Outcome::FailedBefore } else { Outcome::Unknown }
    }
}

/// Loads a brought model. The error is in words.
fn brought(data_dir: &Path, id: &str, open: &OpenModel) -> Result<Box<dyn Eye>, String> {
    let imports = Imports::of(data_dir);
    let (Some(model), Some(file)) = (imports.get(id), imports.file(id)) else {
        return Err("its files are gone".into());
    };
    let runtime = find_runtime(&[data_dir.to_path_buf()]).map_err(|e| e.to_string())?;
    open(&ModelFiles { runtime, model: file, settings: Some(model.settings) }).map_err(|e| e.to_string())
}

fn in_use(store: &Store) -> Option<String> {
    let read = store.read(|conn| store::setting::get::<String>(conn, IN_USE));
    read.inspect_err(|error| tracing::error!(%error, "which detection model is chosen cannot be read"))
        .ok()
        .flatten()
}

/// Ours in place of the one that was chosen.
struct Instead {
    inner: Box<dyn Eye>,
    name: String,
}

impl Eye for Instead {
    fn look(&mut self, jpeg: &Bytes, view: View) -> Result<Findings, DetectError> {
        self.inner.look(jpeg, view)
    }

    fn name(&self) -> String {
        self.name.clone()
    }

    fn sight(&self) -> Sight {
        self.inner.sight()
    }

    fn when_gone(&mut self, tell: OnGone) {
        self.inner.when_gone(tell);
    }
}

/// Returns what people are told about a detector of this name that stands in for another; empty when it does not.
pub(crate) fn instead_of(name: &str) -> String {
    name.split_once(INSTEAD).map_or_else(String::new, |(ours, chosen)| {
        format!(
            "Prints are watched with {ours}, not with the model that you chose. {}.",
            chosen.trim_end_matches('.')
        )
    })
}

/// Sets which model is used while no core runs: an id, or `None` for ours. Blocks.
///
/// # Errors
/// When a core runs on this data folder, or it cannot be used.
pub fn choose_model(data_dir: &Path, id: Option<&str>) -> Result<(), StationError> {
    let now = SystemClock::start(1.0).now().utc;
    let (store, _) = Store::open(data_dir, now, Box::new(|_| ()))?;
    choose(&store, id)
}

fn choose(store: &Store, id: Option<&str>) -> Result<(), StationError> {
    let id = id.map(str::to_owned);
    store.write_now(move |tx| match &id {
        Some(id) => store::setting::set(tx, IN_USE, id),
        None => store::setting::remove(tx, IN_USE),
    })?;
    Ok(())
}

/// The models that were brought, and the choice among them. Cheap to clone.
#[derive(Clone)]
pub(crate) struct DetectionModels {
    root: Arc<Path>,
    store: Arc<Store>,
    choice: Arc<ModelChoice>,
    detect: Arc<DetectHandle>,
    factory: Arc<dyn DeviceFactory>,
    live: watch::Receiver<Arc<Snapshot>>,
}

impl DetectionModels {
    /// The models of a data folder; `detect` loads the chosen one.
    pub(crate) fn new(
        root: Arc<Path>,
        store: Arc<Store>,
        choice: Arc<ModelChoice>,
        detect: Arc<DetectHandle>,
        factory: Arc<dyn DeviceFactory>,
        live: watch::Receiver<Arc<Snapshot>>,
    ) -> Self {
        Self { root, store, choice, detect, factory, live }
    }

    /// Returns all models and which one is used. Blocks.
    pub(crate) fn all(&self) -> Models {
        let system = self.live.borrow().system.clone();
        Models {
            in_use: in_use(&self.store),
            running: system.detector.name.clone(),
            fallback: system.detector.why.clone(),
            models: Imports::of(&self.root).list(),
        }
    }

    /// Takes a model file in, checked in a child; blocks for up to a minute. Returns the test picture, too.
    ///
    /// # Errors
    /// In words for people.
    pub(crate) fn import(&self, file: &Path, name: &str) -> Result<(ImportedModel, Option<Bytes>), String> {
        let exe: PathBuf =
            std::env::current_exe().map_err(|e| format!("The check cannot be started: {e}."))?;
        let model = Imports::of(&self.root).import(&exe, file, name)?;
        if in_use(&self.store).as_deref() == Some(&model.id) {
            self.reload();
        }
        Ok((model, self.factory.sample_picture(true)))
    }

    /// Uses a model from now on: an id, or `None` for ours. Blocks.
    ///
    /// # Errors
    /// In words for people.
    pub(crate) fn choose(&self, id: Option<&str>) -> Result<(), String> {
        if let Some(id) = id {
            let model = Imports::of(&self.root).get(id).ok_or("This model does not exist.")?;
            if model.settings.kind != ModelKind::Grid && model.settings.failure_classes.is_empty() {
                return Err("Choose first which of its classes are failures.".into());
            }
        }
        choose(&self.store, id).map_err(|e| format!("The choice could not be kept: {e}."))?;
        self.reload();
        Ok(())
    }

    /// Changes what the user chose about a model. Blocks.
    ///
    /// # Errors
    /// In words for people.
    pub(crate) fn change(&self, id: &str, change: ModelChange) -> Result<ImportedModel, String> {
        let imports = Imports::of(&self.root);
        let before = imports.get(id).ok_or("This model does not exist.")?.settings;
        let used = in_use(&self.store).as_deref() == Some(id);
        let settings = ModelSettings {
            kind: before.kind,
            name: change.name.unwrap_or(before.name),
            failure_classes: change.failure_classes.unwrap_or(before.failure_classes),
            confidence_above: change.confidence_above.unwrap_or(before.confidence_above),
        };
        if used && settings.kind != ModelKind::Grid && settings.failure_classes.is_empty() {
            return Err("This model is in use: one of its classes at least must be a failure.".into());
        }
        let model = imports.change(id, &settings)?;
        if used {
            self.reload();
        }
        Ok(model)
    }

    /// Forgets a model; ours is used if it was the chosen one. Blocks.
    ///
    /// # Errors
    /// In words for people.
    pub(crate) fn remove(&self, id: &str) -> Result<bool, String> {
        if in_use(&self.store).as_deref() == Some(id) {
            self.choose(None)?;
        }
        Imports::of(&self.root).remove(id)
    }

    fn reload(&self) {
        self.choice.0.fetch_add(1, Ordering::SeqCst);
        self.detect.reload();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_that_was_put_away_is_used_again_and_one_that_failed_only_when_chosen_again() {
        let mut tried = Tried::default();
        let chosen = |times| ("mine".to_owned(), times);
        for last in [LastModel::InOrder; 3] {
            assert_eq!(tried.try_now(&chosen(0), last), Outcome::Unknown);
        }
        for last in [LastModel::Failed, LastModel::InOrder, LastModel::InOrder] {
            assert_eq!(tried.try_now(&chosen(0), last), Outcome::FailedBefore);
        }
        assert_eq!(tried.try_now(&chosen(1), LastModel::InOrder), Outcome::Unknown, "chosen again");
        let another = ("another".to_owned(), 1);
        assert_eq!(
            tried.try_now(&another, LastModel::Failed),
            Outcome::Unknown,
            "the failure was not its own"
        );
    }
}
