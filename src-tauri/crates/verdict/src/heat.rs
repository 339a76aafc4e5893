//! Heat maps: which of a picture's heat counts. Pure arithmetic on cells of 0 to 1.

use domain::{IgnoreArea, Place};

/// Share of the cells whose mean is a map's heat: small, because a tangle is small to a webcam.
const HOT_SHARE: f32 = 0.015;
/// A cell counts as hot above this.
const HOT_ABOVE: f32 = 0.25;
/// How strongly what was there before is taken off: a little more than it was, since it flickers.
const KNOWN_WEIGHT: f32 = 1.25;
/// Looks that make the picture before the print; later ones weigh as much as these together.
const BEFORE_LOOKS: f32 = 30.0;

/// The memory of one camera's heat over one print.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct HeatMemory {
    columns: usize,
    /// Heat of each cell before the print.
    before: Vec<f32>,
    before_looks: f32,
    /// Heat of each cell and its neighbours over the last seconds.
    held: Vec<f32>,
    /// Cells in ignored areas.
    ignored: Vec<bool>,
    areas: Vec<IgnoreArea>,
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
            self.ignored.clear();
        }
    }

    /// Takes in a map from before the print: what is hot there does not count.
    pub(crate) fn learn(&mut self, cells: &[u8], columns: u16) {
        self.fit(cells.len(), usize::from(columns));
        self.before_looks = (self.before_looks + 1.0).min(BEFORE_LOOKS);
        for (before, &cell) in self.before.iter_mut().zip(cells) {
            *before += (of_byte(cell) - *before) / self.before_looks;
        }
    }

    /// From now on, what is hot does not count any more: a person said that nothing is wrong.
    pub(crate) fn accept(&mut self) {
        for (before, held) in self.before.iter_mut().zip(&mut self.held) {
            *before = before.max(*held);
            *held = 0.0;
        }
        self.before_looks = self.before_looks.max(BEFORE_LOOKS / 2.0);
    }

    /// Takes in a map of the print. `fade` is how much of the old is forgotten since the last one, 0 to 1.
    pub(crate) fn look(&mut self, cells: &[u8], columns: u16, fade: f32) -> Heats {
        self.fit(cells.len(), usize::from(columns));
        let whole: Vec<f32> = cells.iter().map(|&cell| of_byte(cell)).collect();
        let mut map = whole.clone();
        for (cell, &ignored) in map.iter_mut().zip(&self.ignored) {
            if ignored {
                *cell = 0.0;
            }
        }
        let allowed = heat(&map);
        for (cell, &before) in map.iter_mut().zip(&self.before) {
            *cell = ((*cell - KNOWN_WEIGHT * before) / (1.0 - before).max(0.05)).clamp(0.0, *cell);
        }
        let fresh = heat(&map);
        // A tangle that grows or shakes stays in its place, so neighbours hold it too.
        let around = widest(&map, self.columns);
        for ((cell, held), around) in map.iter_mut().zip(&mut self.held).zip(around) {
            *held += (around - *held) * fade;
            *cell = cell.min(*held);
        }
        Heats {
            whole: heat(&whole),
            allowed,
            fresh,
            staying: heat(&map),
            place: hottest_place(&map, self.columns),
        }
    }

    /// Begins anew when the model's grid is another one.
    fn fit(&mut self, cells: usize, columns: usize) {
        if self.columns != columns || self.held.len() != cells {
            self.columns = columns;
            self.before = vec![0.0; cells];
            self.before_looks = 0.0;
            self.held = vec![0.0; cells];
            self.ignored.clear();
        }
        if self.ignored.len() != cells {
            let rows = cells / columns.max(1);
            let middle = |at: usize, of: usize| (at as f32 + 0.5) / of.max(1) as f32;
            self.ignored = (0..cells)
                .map(|at| (middle(at % columns.max(1), columns), middle(at / columns.max(1), rows)))
                .map(|(x, y)| self.areas.iter().any(|area| area.holds(x, y)))
                .collect();
        }
    }
}

fn of_byte(cell: u8) -> f32 {
    f32::from(cell) / 255.0
}

/// The mean of the hottest cells.
fn heat(map: &[f32]) -> f32 {
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

    fn looks(memory: &mut HeatMemory, spots: impl Fn(usize) -> Vec<(usize, usize)>) -> Heats {
        (0..20).map(|n| memory.look(&map(&spots(n)), SIDE as u16, 0.2)).last().unwrap()
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
            memory.learn(&map(&[(2, 2)]), SIDE as u16);
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
    fn odd_maps_are_no_trouble() {
        let mut memory = HeatMemory::default();
        assert_eq!(memory.look(&[], 0, 0.5), Heats::default());
        memory.look(&[255; 7], 3, 1.0);
        memory.look(&[255; 1], 1, 1.0);
        memory.learn(&[1; 12], 5);
    }
}
