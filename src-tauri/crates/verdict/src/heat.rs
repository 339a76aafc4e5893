//! Heat maps: which of a picture's heat counts. Pure arithmetic on cells of 0 to 1.

use crate::grid::{Grid, Kind, cell_at};
use crate::steps::step_secs;
use domain::{IgnoreArea, Millis, Place};

/// Share of the cells whose mean is a map's heat: small, because a tangle is small to a webcam.
const HOT_SHARE: f32 = 0.015;
/// A cell counts as hot above this.
const HOT_ABOVE: f32 = 0.25;
/// How strongly what was there before is taken off: a little more than it was, since it flickers.
const KNOWN_WEIGHT: f32 = 1.25;
/// Time constant of a place's memory.
const PLACE_SECS: f32 = 20.0;
/// Looks that make the picture before the print; later ones weigh as much as these together.
const BEFORE_LOOKS: f32 = 30.0;

/// The memory of one camera's heat over one print.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct HeatMemory {
    whole: Layer,
    closer: Layer,
    areas: Vec<IgnoreArea>,
}

/// The memory of one kind of view.
#[derive(Debug, Clone, Default, PartialEq)]
struct Layer {
    columns: usize,
    /// Heat of each cell before the print.
    before: Vec<f32>,
    /// Looks that this was learnt from.
    before_looks: Vec<f32>,
    /// Heat of each cell and its neighbours over the last seconds.
    held: Vec<f32>,
    /// When each cell was last looked at.
    looked_ms: Vec<Option<Millis>>,
}

/// What becomes of a map's heat, step by step.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Heats {
    /// All of it.
    pub(crate) whole: f32,
    /// Without ignored areas.
    pub(crate) allowed: f32,
    /// Of that, what was not there before the print.
    pub(crate) fresh: f32,
    /// Of that, what stays in its place.
    pub(crate) staying: f32,
    /// Where that is hottest.
    pub(crate) place: Option<Place>,
}

impl HeatMemory {
    /// Changes the ignored areas.
    pub(crate) fn ignore(&mut self, areas: &[IgnoreArea]) {
        if self.areas != areas {
            self.areas = areas.to_vec();
        }
    }

    /// Returns, for each cell of a view, whether it lies in an ignored area.
    pub(crate) fn ignored(&self, grid: &Grid) -> Vec<bool> {
        grid.middles.iter().map(|&(x, y)| self.areas.iter().any(|area| area.holds(x, y))).collect()
    }

    /// Takes in a map from before the print: what is hot there does not count.
    pub(crate) fn learn(&mut self, cells: &[u8], grid: &Grid, at_ms: Millis) {
        let layer = self.layer(grid);
        for (&cell, &at) in cells.iter().zip(&grid.at) {
            let looks = (layer.before_looks[at] + 1.0).min(BEFORE_LOOKS);
            layer.before[at] += (of_byte(cell) - layer.before[at]) / looks;
            layer.before_looks[at] = looks;
            layer.looked_ms[at] = Some(at_ms);
        }
    }

    /// From now on, what is hot does not count any more: a person said that nothing is wrong.
    pub(crate) fn accept(&mut self) {
        for layer in [&mut self.whole, &mut self.closer] {
            for (before, held) in layer.before.iter_mut().zip(&mut layer.held) {
                *before = before.max(*held);
                *held = 0.0;
            }
            for looks in &mut layer.before_looks {
                *looks = looks.max(BEFORE_LOOKS / 2.0);
            }
        }
    }

    /// Takes in a map of the print. Returns what of it is fresh, too, cell by cell.
    pub(crate) fn look(&mut self, cells: &[u8], grid: &Grid, at_ms: Millis) -> (Heats, Vec<f32>) {
        let before = self.before(grid);
        let ignored = self.ignored(grid);
        let layer = self.layer(grid);
        let whole: Vec<f32> = cells.iter().map(|&cell| of_byte(cell)).collect();
        let mut map = whole.clone();
        for (cell, ignored) in map.iter_mut().zip(ignored) {
            if ignored {
                *cell = 0.0;
            }
        }
        let allowed = heat(&map);
        for (cell, before) in map.iter_mut().zip(before) {
            *cell = ((*cell - KNOWN_WEIGHT * before) / (1.0 - before).max(0.05)).clamp(0.0, *cell);
        }
        let fresh = map.clone();
        // A tangle that grows or shakes stays in its place, so neighbours hold it too.
        let around = widest(&map, grid.columns);
        for ((cell, around), &at) in map.iter_mut().zip(around).zip(&grid.at) {
            let step = step_secs(layer.looked_ms[at], at_ms);
            layer.looked_ms[at] = Some(at_ms);
            let fade = 1.0 - (-step as f32 / PLACE_SECS).exp();
            let held = &mut layer.held[at];
            *held += (around - *held) * fade;
            *cell = cell.min(*held);
        }
        let place = hottest_place(&map, grid.columns).map(|found| grid.place.part(found));
        let heats = Heats { whole: heat(&whole), allowed, fresh: heat(&fresh), staying: heat(&map), place };
        (heats, fresh)
    }

    /// Returns what each cell of a view showed before the print. Where no closer view looked then, the whole picture
    /// tells it.
    fn before(&self, grid: &Grid) -> Vec<f32> {
        let layer = match grid.kind {
            Kind::Whole => &self.whole,
            Kind::Closer => &self.closer,
        };
        let fits = layer.fits(grid);
        let rows = self.whole.before.len() / self.whole.columns.max(1);
        let cells = grid.at.iter().zip(&grid.middles);
        cells
            .map(|(&at, &(x, y))| {
                if fits && layer.before_looks[at] > 0.0 {
                    return layer.before[at];
                }
                let at = cell_at(x, y, self.whole.columns, rows);
                if grid.kind == Kind::Closer {
                    self.whole.before.get(at).copied().unwrap_or(0.0)
                } else {
                    0.0
                }
            })
            .collect()
    }

    /// Returns the memory of a view's kind; it begins anew when the model's grid is another one.
    fn layer(&mut self, grid: &Grid) -> &mut Layer {
        let layer = match grid.kind {
            Kind::Whole => &mut self.whole,
            Kind::Closer => &mut self.closer,
        };
        if !layer.fits(grid) {
            *layer = Layer {
                columns: grid.memory_columns,
                before: vec![0.0; grid.memory_len],
                before_looks: vec![0.0; grid.memory_len],
                held: vec![0.0; grid.memory_len],
                looked_ms: vec![None; grid.memory_len],
            };
        }
        layer
    }
}

impl Layer {
    fn fits(&self, grid: &Grid) -> bool {
        self.columns == grid.memory_columns && self.held.len() == grid.memory_len
    }
}

fn of_byte(cell: u8) -> f32 {
    f32::from(cell) / 255.0
}

/// The mean of the hottest cells.
pub(crate) fn heat(map: &[f32]) -> f32 {
    if map.is_empty() {
        return 0.0;
    }
    let top = ((map.len() as f32 * HOT_SHARE).round() as usize).clamp(1, map.len());
    let mut sorted = map.to_vec();
    sorted.select_nth_unstable_by(top - 1, |a, b| b.total_cmp(a));
    sorted[..top].iter().sum::<f32>() / top as f32
}

/// Each cell's largest neighbour, itself included.
fn widest(map: &[f32], columns: usize) -> Vec<f32> {
    let columns = columns.max(1);
    let rows = map.len() / columns;
    let along: Vec<f32> = (0..map.len())
        .map(|at| {
            let (row, column) = (at / columns, at % columns);
            let from = row * columns + column.saturating_sub(1);
            let to = row * columns + (column + 1).min(columns - 1);
            map[from..=to.min(map.len() - 1)].iter().copied().fold(0.0, f32::max)
        })
        .collect();
    (0..map.len())
        .map(|at| {
            let (row, column) = (at / columns, at % columns);
            (row.saturating_sub(1)..=(row + 1).min(rows.saturating_sub(1)))
                .filter_map(|r| along.get(r * columns + column).copied())
                .fold(0.0, f32::max)
        })
        .collect()
}

/// The hot cells around the hottest one, as a place in the picture.
fn hottest_place(map: &[f32], columns: usize) -> Option<Place> {
    let (at, &hottest) = map.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1))?;
    if hottest < HOT_ABOVE || columns == 0 {
        return None;
    }
    let rows = map.len() / columns;
    let hot = |row: usize, column: usize| map[row * columns + column] >= hottest * 0.5;
    let (mut top, mut left) = (at / columns, at % columns);
    let (mut bottom, mut right) = (top, left);
    // Grows while a side has a hot cell: enough for a frame drawn round it.
    loop {
        let before = (top, bottom, left, right);
        if top > 0 && (left..=right).any(|c| hot(top - 1, c)) {
            top -= 1;
        }
        if bottom + 1 < rows && (left..=right).any(|c| hot(bottom + 1, c)) {
            bottom += 1;
        }
        if left > 0 && (top..=bottom).any(|r| hot(r, left - 1)) {
            left -= 1;
        }
        if right + 1 < columns && (top..=bottom).any(|r| hot(r, right + 1)) {
            right += 1;
        }
        if before == (top, bottom, left, right) {
            break;
        }
    }
    let (columns, rows) = (columns as f32, rows as f32);
    Some(Place {
        x: left as f32 / columns,
        y: top as f32 / rows,
        w: (right - left + 1) as f32 / columns,
        h: (bottom - top + 1) as f32 / rows,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::View;

    const SIDE: usize = 20;

    /// A cold map with a hot square of 4 x 4 cells at a column and row.
    fn map(spots: &[(usize, usize)]) -> Vec<u8> {
        let mut cells = vec![5; SIDE * SIDE];
        for (column, row) in spots {
            for at in 0..16 {
                cells[(row + at / 4) * SIDE + column + at % 4] = 240;
            }
        }
        cells
    }

    fn whole() -> Grid {
        Grid::new(View::Whole, SIDE * SIDE, SIDE as u16)
    }

    fn looks(memory: &mut HeatMemory, spots: impl Fn(usize) -> Vec<(usize, usize)>) -> Heats {
        (0..20).map(|n| memory.look(&map(&spots(n)), &whole(), n as u64 * 4500).0).last().unwrap()
    }

    #[test]
    fn what_stays_counts_and_what_moves_does_not() {
        let staying = looks(&mut HeatMemory::default(), |_| vec![(3, 3)]);
        assert!(staying.staying > 0.9 * staying.whole, "{staying:?}");
        let moving = looks(&mut HeatMemory::default(), |n| vec![((n * 7) % 16, (n * 5) % 16)]);
        assert!(moving.staying < 0.4 * moving.whole, "{moving:?}");
        assert_eq!(moving.fresh, moving.whole, "nothing was there before");
    }

    #[test]
    fn a_tangle_that_shakes_by_a_cell_stays() {
        let shaking = looks(&mut HeatMemory::default(), |n| vec![(3 + n % 2, 3)]);
        assert!(shaking.staying > 0.75 * shaking.whole, "{shaking:?}");
    }

    #[test]
    fn what_was_there_before_does_not_count_and_what_comes_beside_it_does() {
        let mut memory = HeatMemory::default();
        for _ in 0..5 {
            memory.learn(&map(&[(2, 2)]), &whole(), 0);
        }
        let old = looks(&mut memory, |_| vec![(2, 2)]);
        assert!(old.fresh < 0.1 && old.whole > 0.8, "{old:?}");
        let new = looks(&mut memory, |_| vec![(2, 2), (12, 12)]);
        assert!(new.staying > 0.8, "{new:?}");
        let place = new.place.unwrap();
        assert!(place.x > 0.5 && place.y > 0.5, "the new one is shown: {place:?}");
    }

    #[test]
    fn an_answer_makes_the_scene_known() {
        let mut memory = HeatMemory::default();
        looks(&mut memory, |_| vec![(8, 8)]);
        memory.accept();
        let after = looks(&mut memory, |_| vec![(8, 8)]);
        assert!(after.staying < 0.1, "{after:?}");
        let elsewhere = looks(&mut memory, |_| vec![(8, 8), (1, 14)]);
        assert!(elsewhere.staying > 0.8, "another place is news: {elsewhere:?}");
    }

    #[test]
    fn ignored_areas_do_not_count() {
        let mut memory = HeatMemory::default();
        memory.ignore(&[IgnoreArea { x: 0, y: 0, w: 500, h: 500 }]);
        let inside = looks(&mut memory, |_| vec![(3, 3)]);
        assert!(inside.allowed < 0.1 && inside.place.is_none(), "{inside:?}");
        let outside = looks(&mut memory, |_| vec![(3, 3), (12, 3)]);
        assert!(outside.staying > 0.8, "{outside:?}");
        memory.ignore(&[]);
        assert!(looks(&mut memory, |_| vec![(3, 3)]).staying > 0.8, "taken back");
    }

    #[test]
    fn the_place_is_drawn_round_the_hot_cells() {
        let found = looks(&mut HeatMemory::default(), |_| vec![(4, 10)]).place.unwrap();
        assert!((found.x - 0.2).abs() < 0.051 && (found.y - 0.5).abs() < 0.051, "{found:?}");
        assert!((found.w - 0.2).abs() < 0.101 && (found.h - 0.2).abs() < 0.101, "{found:?}");
    }

    #[test]
    fn a_closer_view_has_a_memory_of_its_own_in_the_same_picture() {
        let quarter = |x: f32, y: f32| {
            Grid::new(View::Closer(Place { x, y, w: 0.5, h: 0.5 }), SIDE * SIDE, SIDE as u16)
        };
        let mut memory = HeatMemory::default();
        memory.ignore(&[IgnoreArea { x: 500, y: 500, w: 500, h: 500 }]);
        let lower = quarter(0.5, 0.5);
        let hidden = (0..20).map(|n| memory.look(&map(&[(4, 4)]), &lower, n * 2000).0).last().unwrap();
        assert!(hidden.allowed < 0.1, "it lies in an ignored area: {hidden:?}");
        let upper = quarter(0.5, 0.0);
        // Seen in turn with the whole picture, which is cold.
        let seen = (0..30).map(|n| {
            memory.look(&map(&[]), &whole(), n * 2000);
            memory.look(&map(&[(4, 10)]), &upper, n * 2000 + 1000).0
        });
        let seen = seen.last().unwrap();
        assert!(seen.staying > 0.8, "{seen:?}");
        let place = seen.place.unwrap();
        assert!((place.x - 0.6).abs() < 0.03 && (place.y - 0.25).abs() < 0.03 && place.w < 0.16, "{place:?}");
        memory.accept();
        assert!(memory.look(&map(&[(4, 10)]), &upper, 80_000).0.staying < 0.1, "accepted there");
    }

    #[test]
    fn what_the_whole_picture_showed_before_the_print_holds_for_a_closer_view_too() {
        let mut memory = HeatMemory::default();
        for n in 0..10 {
            memory.learn(&map(&[(10, 10)]), &whole(), n * 1000);
        }
        let place = Place { x: 0.5, y: 0.5, w: 0.5, h: 0.5 };
        let grid = Grid::new(View::Closer(place), SIDE * SIDE, SIDE as u16);
        let old = (0..20).map(|n| memory.look(&map(&[(1, 1)]), &grid, 10_000 + n * 1000).0).last().unwrap();
        assert!(old.fresh < 0.2 && old.whole > 0.8, "{old:?}");
    }

    #[test]
    fn odd_maps_are_no_trouble() {
        let mut memory = HeatMemory::default();
        let grid = |len, columns| Grid::new(View::Whole, len, columns);
        assert_eq!(memory.look(&[], &grid(0, 0), 500).0, Heats::default());
        memory.look(&[255; 6], &grid(6, 3), 1000);
        memory.look(&[255; 1], &grid(1, 1), 1000);
        memory.learn(&[1; 10], &grid(10, 5), 1000);
    }
}
