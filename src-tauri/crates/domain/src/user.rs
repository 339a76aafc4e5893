//! The one local user, and who is told of what.

use crate::{Timestamp, UserId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A balance of detection hours from which on it is unlimited.
pub const UNLIMITED_HOURS: f64 = 1e8;

/// The one local user, made at the first start.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct User {
    /// Id.
    pub id: UserId,
    /// May be empty: there is no account.
    pub email: String,
    /// May be empty.
    pub first_name: String,
    /// May be empty.
    pub last_name: String,
    /// First start of the app.
    pub consented_at: Timestamp,
    /// When a page or a program of the owner last connected to see what goes on; null until then.
    pub last_active_at: Option<Timestamp>,
    /// Always: nothing here is for sale.
    pub is_pro: bool,
    /// AI Detection Hours. 1e8 and more is unlimited, as at the start; a smaller budget counts down with each watched hour
    /// of printing, and at 0 or below nothing is watched.
    pub dh_balance: f64,
    /// The balance says so.
    pub is_dh_unlimited: bool,
    /// Events not looked at yet.
    pub unseen_printer_events: u32,
    /// Notices are shown; those of failures and of a watch that stopped always are.
    pub notification_enabled: bool,
}

/// One way to tell the user, and of what.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
#[allow(missing_docs)] // The names are the API's.
pub struct NotificationSetting {
    #[ts(type = "number")]
    pub id: i64,
    pub name: String,
    pub config: serde_json::Value,
    pub enabled: bool,
    pub notify_on_failure_alert: bool,
    pub notify_on_print_done: bool,
    pub notify_on_filament_change: bool,
    pub notify_on_print_cancelled: bool,
    pub notify_on_heater_status: bool,
    pub notify_on_print_start: bool,
    pub notify_on_print_pause: bool,
    pub notify_on_print_resume: bool,
}
