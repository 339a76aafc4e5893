//! Which part of the picture is looked at next: all of it and a closer view, in turn.
//!
//! A closer view has half of the picture's width and height, so that what is small in the picture is large to the model.
//! It goes where it is hotter than usual. Where nothing is, and one time in four in any case, it goes to the part that
//! has waited longest, parts that have changed since the print began weighing more: plastic was laid there. While the
//! first layers are watched, every other such look goes to the place where something new is seen. What a closer view found
//! is looked at once more at once. There are never more looks than before.
//!
//! The nozzle's X and Y do not steer it: during a print the firmware is not asked for its position, the lines that it has
//! acknowledged are up to seconds ahead of the head, and where in the picture a place on the bed lies is known of no camera.

use domain::{Place, SCENE_COLUMNS, SCENE_ROWS, View};

/// Width and height of a closer view, as a share of the picture's.
const CLOSER_SHARE: f32 = 0.5;
/// Parts that take turns lie on a grid of so many by so many, half over each other.
const TILES: usize = 3;
/// A cell and its neighbours are worth a closer look from this mean heat on, beyond what is usual there.
const SUSPICIOUS: f32 = 0.05;
/// So many closer looks in a row follow suspicion; the next goes elsewhere.
const FOLLOWED: u32 = 3;
/// What is left of a closer view's heat after each other closer look.
const FADES: f32 = 0.85;
/// First pictures of a print that make the one that others are compared with.
const FIRST_PICTURES: u32 = 10;
/// Share of the newest picture in the mean of the last ones: the head and the bed pass, what was laid stays.
const NEWEST: f32 = 0.05;
/// Steps of brightness that are noise.
const NOISE: f32 = 6.0;
/// Steps of brightness at which a place has changed as much as it can.
const CHANGED: f32 = 40.0;
/// What a part weighs that has not changed at all, of one that has changed wholly.
const UNCHANGED: f32 = 0.15;

/// A look, as the choice takes it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Glance<'a> {
    /// What part of the picture it was at.
    pub(crate) view: View,
    /// Heat of each cell beyond what is usual there, 0 to 1, row by row; may be empty.
    pub(crate) heat: &'a [f32],
    /// Cells in a row.
    pub(crate) columns: u16,
}

/// Chooses the views of one print.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ViewChooser {
    whole: Heat,
    /// What closer views found, on the grid of the whole picture.
    closer: Heat,
    changes: Changes,
    /// For each part, closer looks since it was seen.
    waits: [f32; TILES * TILES],
    /// Closer looks in a row that followed suspicion.
    followed: u32,
    /// The last look was the second at the same place.
    again: Again,
    /// Where something new lies on the bed, 0 to 1 each way.
    newest: Option<(f32, f32)>,
    /// The last look that followed nothing suspicious went there.
    went_to_newest: Went,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Went {
    #[default]
    No,
    Yes,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Again {
    #[default]
    No,
    Yes,
}

impl ViewChooser {
    /// Takes in the very small picture of a frame's scene ([`domain::Scene`]).
    pub(crate) fn picture(&mut self, small: &[u8]) {
        self.changes.take(small);
    }

    /// Says where something new is seen on the bed, while that is watched.
    pub(crate) fn newest(&mut self, place: Option<(f32, f32)>) {
        self.newest = place;
    }

    /// Takes in a look and returns what the next one is to be at.
    pub(crate) fn look(&mut self, glance: Glance<'_>) -> View {
        match glance.view {
            View::Whole => {
                self.whole = Heat::of(glance.heat, usize::from(glance.columns));
                self.again = Again::No;
                View::Closer(self.next_part())
            }
            View::Closer(place) => {
                let found = self.note_closer(place, glance);
                // Once more, since one look may be a reflection; then the whole picture has its turn.
                match found.filter(|_| self.again == Again::No) {
                    Some(at) => {
                        self.again = Again::Yes;
                        View::Closer(around(at, self.whole.columns))
                    }
                    None => {
                        self.again = Again::No;
                        View::Whole
                    }
                }
            }
        }
    }

    /// Notes what a closer view found; returns its suspicious middle.
    fn note_closer(&mut self, place: Place, glance: Glance<'_>) -> Option<(f32, f32)> {
        for (wait, tile) in self.waits.iter_mut().zip(tiles()) {
            *wait = (*wait + 1.0) * (1.0 - overlap(tile, place));
        }
        let seen = Heat::of(glance.heat, usize::from(glance.columns));
        if self.closer.cells.len() != self.whole.cells.len() {
            self.closer = Heat { cells: vec![0.0; self.whole.cells.len()], columns: self.whole.columns };
        }
        self.closer.cells.iter_mut().for_each(|cell| *cell *= FADES);
        self.closer.lay(&seen, place);
        let (x, y) = seen.suspicious()?;
        Some((place.x + x * place.w, place.y + y * place.h))
    }

    fn next_part(&mut self) -> Place {
        let suspicious = Heat::hotter(&self.whole, &self.closer).suspicious();
        match suspicious.filter(|_| self.followed < FOLLOWED) {
            Some(at) => {
                self.followed += 1;
                around(at, self.whole.columns)
            }
            None => {
                self.followed = 0;
                match self.newest.filter(|_| self.went_to_newest == Went::No) {
                    Some(at) => {
                        self.went_to_newest = Went::Yes;
                        around(at, self.whole.columns)
                    }
                    None => {
                        self.went_to_newest = Went::No;
                        self.longest_waiting()
                    }
                }
            }
        }
    }

    fn longest_waiting(&self) -> Place {
        let due = |(tile, wait): (Place, f32)| {
            let changed = self.changes.share(tile);
            (tile, (wait + 1.0) * (UNCHANGED + (1.0 - UNCHANGED) * changed))
        };
        let all = tiles().zip(self.waits).map(due);
        // The first of equals, so that all of them get their turn in order.
        let first = (tile(0), f32::MIN);
        all.fold(first, |best, one| if one.1 > best.1 { one } else { best }).0
    }
}

/// The part with this number.
fn tile(n: usize) -> Place {
    let step = (1.0 - CLOSER_SHARE) / (TILES - 1) as f32;
    Place { x: (n % TILES) as f32 * step, y: (n / TILES) as f32 * step, w: CLOSER_SHARE, h: CLOSER_SHARE }
}

/// All parts that take turns, row by row: together they cover the picture.
pub fn tiles() -> impl Iterator<Item = Place> {
    (0..TILES * TILES).map(tile)
}

/// The closer view around a point, inside the picture. It begins at a half cell of the whole picture's grid, where the
/// cells of all closer views meet.
fn around((x, y): (f32, f32), columns: usize) -> Place {
    let steps = (columns.max(1) * 2) as f32;
    let begin = |middle: f32| {
        let begin = (middle - CLOSER_SHARE / 2.0).clamp(0.0, 1.0 - CLOSER_SHARE);
        (begin * steps).round() / steps
    };
    Place { x: begin(x), y: begin(y), w: CLOSER_SHARE, h: CLOSER_SHARE }
}

/// Share of `of` that lies in `by`.
fn overlap(of: Place, by: Place) -> f32 {
    let along = |a: f32, a_len: f32, b: f32, b_len: f32| ((a + a_len).min(b + b_len) - a.max(b)).max(0.0);
    let common = along(of.x, of.w, by.x, by.w) * along(of.y, of.h, by.y, by.h);
    (common / (of.w * of.h)).clamp(0.0, 1.0)
}

/// Heat on a grid.
#[derive(Debug, Clone, Default, PartialEq)]
struct Heat {
    cells: Vec<f32>,
    columns: usize,
}

impl Heat {
    fn of(cells: &[f32], columns: usize) -> Self {
        Self { cells: cells.to_vec(), columns }
    }

    fn rows(&self) -> usize {
        self.cells.len().checked_div(self.columns).unwrap_or(0)
    }

    /// The larger of both, cell by cell.
    fn hotter(a: &Self, b: &Self) -> Self {
        let mut cells = a.cells.clone();
        if a.columns == b.columns {
            cells.iter_mut().zip(&b.cells).for_each(|(a, &b)| *a = a.max(b));
        }
        Self { cells, columns: a.columns }
    }

    /// Lays the heat of a view at a place over this one's cells there.
    fn lay(&mut self, view: &Self, place: Place) {
        let (columns, rows) = (self.columns, self.rows());
        if columns == 0 || rows == 0 || view.columns == 0 {
            return;
        }
        let mut laid = vec![None; self.cells.len()];
        for (at, &heat) in view.cells.iter().enumerate() {
            let middle = |n: usize, of: usize| (n as f32 + 0.5) / of as f32;
            let x = place.x + middle(at % view.columns, view.columns) * place.w;
            let y = place.y + middle(at / view.columns, view.rows().max(1)) * place.h;
            let cell = |v: f32, of: usize| ((v * of as f32).max(0.0) as usize).min(of.saturating_sub(1));
            let hottest: &mut Option<f32> = &mut laid[cell(y, rows) * columns + cell(x, columns)];
            *hottest = Some(hottest.map_or(heat, |before| before.max(heat)));
        }
        for (cell, laid) in self.cells.iter_mut().zip(laid) {
            *cell = laid.unwrap_or(*cell);
        }
    }

    /// The middle of the hottest cell and its neighbours, 0 to 1 each way, where it is worth a closer look.
    fn suspicious(&self) -> Option<(f32, f32)> {
        let (columns, rows) = (self.columns, self.rows());
        let mean = |at: usize| {
            let (row, column) = (at / columns, at % columns);
            let near = (row.saturating_sub(1)..(row + 2).min(rows)).flat_map(|r| {
                (column.saturating_sub(1)..(column + 2).min(columns)).map(move |c| r * columns + c)
            });
            let (sum, num) = near.fold((0.0, 0), |(sum, num), at| (sum + self.cells[at], num + 1));
            sum / num.max(1) as f32
        };
        let hottest = (0..rows * columns).map(|at| (at, mean(at))).max_by(|a, b| a.1.total_cmp(&b.1));
        let (at, heat) = hottest.filter(|(_, heat)| *heat >= SUSPICIOUS)?;
        debug_assert!(heat.is_finite());
        Some(((at % columns) as f32 + 0.5, (at / columns) as f32 + 0.5))
            .map(|(x, y)| (x / columns as f32, y / rows as f32))
    }
}

/// Where a print's picture is no longer what it was when it began.
#[derive(Debug, Clone, Default, PartialEq)]
struct Changes {
    pictures: u32,
    first: Vec<f32>,
    lately: Vec<f32>,
}

impl Changes {
    fn take(&mut self, small: &[u8]) {
        if small.len() != SCENE_COLUMNS * SCENE_ROWS {
            return;
        }
        if self.pictures == 0 {
            self.first = small.iter().map(|&v| f32::from(v)).collect();
            self.lately = self.first.clone();
        }
        self.pictures = self.pictures.saturating_add(1);
        let follow = |mean: &mut Vec<f32>, share: f32| {
            mean.iter_mut().zip(small).for_each(|(mean, &new)| *mean += (f32::from(new) - *mean) * share);
        };
        if self.pictures <= FIRST_PICTURES {
            follow(&mut self.first, 1.0 / self.pictures as f32);
        }
        follow(&mut self.lately, NEWEST);
    }

    /// How much of a part has changed, 0 to 1. A light that is switched on changes all of it alike, which is none.
    fn share(&self, part: Place) -> f32 {
        if self.pictures <= FIRST_PICTURES {
            return 0.0;
        }
        let steps: Vec<f32> = self.lately.iter().zip(&self.first).map(|(now, then)| now - then).collect();
        let mut sorted = steps.clone();
        sorted.sort_by(f32::total_cmp);
        let light = sorted[sorted.len() / 2];
        let inside = steps.iter().enumerate().filter(|(at, _)| {
            let x = ((at % SCENE_COLUMNS) as f32 + 0.5) / SCENE_COLUMNS as f32;
            let y = ((at / SCENE_COLUMNS) as f32 + 0.5) / SCENE_ROWS as f32;
            (part.x..part.x + part.w).contains(&x) && (part.y..part.y + part.h).contains(&y)
        });
        let changes = inside.map(|(_, step)| (((step - light).abs() - NOISE) / CHANGED).clamp(0.0, 1.0));
        // A part is small in a view of it: its most changed sixteenth counts.
        let mut changes: Vec<f32> = changes.collect();
        changes.sort_by(|a, b| b.total_cmp(a));
        let top = (changes.len() / 16).max(1);
        changes.iter().take(top).sum::<f32>() / top as f32
    }
}

#[cfg(test)]
#[path = "views_tests.rs"]
mod tests;
