//! Where the cells of a view lie in the whole picture.
//!
//! The memory of the whole picture has the grid of its heat map. That of closer views has twice as many cells each way:
//! a view of half the width and height has as many cells as the part of the memory that it covers.

use domain::{Place, View};

/// How much finer the memory of closer views is, each way.
const FINER: usize = 2;

/// Which kind of view: each has a memory of its own, because closer views score higher.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Whole,
    Closer,
}

/// The places of a view's cells in the memory of its kind.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Grid {
    pub(crate) kind: Kind,
    /// The part of the picture.
    pub(crate) place: Place,
    /// Cells in a row of the view.
    pub(crate) columns: usize,
    /// Cells in a row of the memory.
    pub(crate) memory_columns: usize,
    /// Cells of the memory.
    pub(crate) memory_len: usize,
    /// For each cell of the view: where it lies in the memory.
    pub(crate) at: Vec<usize>,
    /// For each cell of the view: its middle in the picture, 0 to 1.
    pub(crate) middles: Vec<(f32, f32)>,
}

impl Grid {
    /// Returns the grid of a view with so many cells in all and in a row. The rows are whole.
    pub(crate) fn new(view: View, len: usize, columns: u16) -> Self {
        let columns = usize::from(columns).max(1);
        let rows = (len / columns).max(1);
        let place = view.place();
        let along = |n: usize, of: usize, from: f32, size: f32| from + (n as f32 + 0.5) / of as f32 * size;
        let middles: Vec<(f32, f32)> = (0..len)
            .map(|at| {
                (along(at % columns, columns, place.x, place.w), along(at / columns, rows, place.y, place.h))
            })
            .collect();
        let (kind, memory_columns, memory_rows) = match view {
            View::Whole => (Kind::Whole, columns, rows),
            View::Closer(_) => (Kind::Closer, columns * FINER, rows * FINER),
        };
        let (memory_len, at) = match kind {
            Kind::Whole => (len, (0..len).collect()),
            Kind::Closer => {
                let at = middles.iter().map(|&(x, y)| cell_at(x, y, memory_columns, memory_rows));
                (memory_columns * memory_rows, at.collect())
            }
        };
        Self { kind, place, columns, memory_columns, memory_len, at, middles }
    }
}

/// Returns the cell of a grid in which a point of the picture lies.
pub(crate) fn cell_at(x: f32, y: f32, columns: usize, rows: usize) -> usize {
    let along = |v: f32, of: usize| ((v * of as f32).max(0.0) as usize).min(of.saturating_sub(1));
    along(y, rows) * columns + along(x, columns)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_picture_is_its_own_memory() {
        let grid = Grid::new(View::Whole, 12, 4);
        assert_eq!((grid.memory_columns, grid.memory_len), (4, 12));
        assert_eq!(grid.at, (0..12).collect::<Vec<_>>());
        assert_eq!(grid.middles[5], (0.375, 0.5));
    }

    #[test]
    fn a_view_of_half_the_sides_has_a_cell_of_the_memory_for_each_of_its_own() {
        let view = View::Closer(Place { x: 0.5, y: 0.25, w: 0.5, h: 0.5 });
        let grid = Grid::new(view, 16, 4);
        assert_eq!((grid.memory_columns, grid.memory_len), (8, 64));
        let mut at = grid.at.clone();
        assert_eq!((at[0], at[15]), (2 * 8 + 4, 5 * 8 + 7));
        at.dedup();
        assert_eq!(at.len(), 16, "no two share a place: {at:?}");
    }

    #[test]
    fn no_view_reaches_beyond_the_memory() {
        for place in [
            Place { x: 0.9, y: 0.9, w: 0.5, h: 0.5 },
            Place { x: -1.0, y: -1.0, w: 0.5, h: 0.5 },
            Place { x: f32::NAN, y: 0.0, w: 1.0, h: 1.0 },
        ] {
            let grid = Grid::new(View::Closer(place), 36, 6);
            assert!(grid.at.iter().all(|&at| at < grid.memory_len), "{place:?}");
        }
    }
}
