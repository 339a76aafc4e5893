//! What people set up: printers, cameras, detection models, settings; and what of it they deleted of late.

mod agent_cameras;
mod changes;
mod deleted;
mod demo;
mod machines;
mod models;
mod rows;
mod settings;

pub(crate) use agent_cameras::follow as follow_agent_cameras;
pub(crate) use changes::Changes;
pub(crate) use deleted::Deletions;
pub use deleted::{AllDeleted, BringBack, BroughtBack, Deleted};
pub use demo::{DEMO_CAMERA_NAME, DEMO_PRINTER_NAME};
pub(crate) use machines::Machines;
pub use machines::NewPrinter;
pub(crate) use models::{DetectionModels, ModelChoice, instead_of, loader as load_chosen};
pub use models::{ModelChange, Models, choose_model};
pub(crate) use settings::{Settings, StartSettings, filament_price};
