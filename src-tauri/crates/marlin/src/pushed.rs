//! Filament that this run of a file has pushed, tool by tool, by the lines that the printer has taken.

use crate::program::Place;
use domain::ToolUse;
use std::collections::BTreeMap;

/// What was pushed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pushed {
    /// Filament of the file up to the last line; `None` until this run has one.
    up_to_mm: Option<f64>,
    by_tool: BTreeMap<u8, f64>,
}

impl Pushed {
    /// Begins to count. `taken_up`: lines before the first one were pushed by another run of the file.
    pub(crate) fn new(taken_up: bool) -> Self {
        Self { up_to_mm: (!taken_up).then_some(0.0), by_tool: BTreeMap::new() }
    }

    /// A line was taken, behind which the file stands here.
    pub(crate) fn take(&mut self, after: &Place) {
        let before = self.up_to_mm.replace(after.filament_mm).unwrap_or(after.filament_mm);
        let pushed = after.filament_mm - before;
        if pushed > 0.0 {
            *self.by_tool.entry(after.tool.unwrap_or(0)).or_default() += pushed;
        }
    }

    pub(crate) fn report(&self) -> Vec<ToolUse> {
        self.by_tool.iter().map(|(tool, mm)| ToolUse { tool: *tool, mm: *mm }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(filament_mm: f64, tool: Option<u8>) -> Place {
        Place { filament_mm, tool, ..Place::default() }
    }

    #[test]
    fn each_tool_has_its_own() {
        let mut pushed = Pushed::new(false);
        for (mm, tool) in [(0.0, None), (10.0, None), (10.0, Some(1)), (14.0, Some(1)), (15.0, Some(0))] {
            pushed.take(&at(mm, tool));
        }
        assert_eq!(pushed.report(), [ToolUse { tool: 0, mm: 11.0 }, ToolUse { tool: 1, mm: 4.0 }]);
    }

    #[test]
    fn the_first_line_counts_but_not_what_another_run_has_pushed() {
        let mut fresh = Pushed::new(false);
        fresh.take(&at(2.0, None));
        assert_eq!(fresh.report(), [ToolUse { tool: 0, mm: 2.0 }]);
        let mut taken_up = Pushed::new(true);
        for mm in [900.0, 900.0, 903.0] {
            taken_up.take(&at(mm, None));
        }
        assert_eq!(taken_up.report(), [ToolUse { tool: 0, mm: 3.0 }]);
    }
}
