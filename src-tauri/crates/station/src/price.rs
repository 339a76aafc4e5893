//! The price of filament, kept with the settings.

use crate::station::{Station, StationError};
use domain::{FilamentPrice, Refusal};
use store::StoreError;

/// Key of the setting.
const PRICE: &str = "filament_price";

impl Station {
    /// Returns what filament costs. Blocks.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn filament_price(&self) -> Result<FilamentPrice, StoreError> {
        Ok(self.store.read(|conn| store::setting::get(conn, PRICE))?.unwrap_or_default())
    }

    /// Sets what filament costs.
    ///
    /// # Errors
    /// Refused when a value is out of its range; and when it cannot be stored.
    pub async fn set_filament_price(&self, price: FilamentPrice) -> Result<(), StationError> {
        price.check().map_err(|message| {
            let hint = "Leave the price empty to show no costs.".into();
            StationError::Refused(Refusal { code: "out_of_range", message, hint })
        })?;
        self.blocking(move |s| s.store.write_now(move |tx| store::setting::set(tx, PRICE, &price))).await??;
        Ok(())
    }
}
