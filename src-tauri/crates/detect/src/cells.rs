//! From a grid of cell probabilities to boxes: touching hot cells are one failure. Pure.

use domain::{Detection, PixelBox};

/// Boxes of one picture at most.
const MAX_BOXES: usize = 20;

/// A box's confidence is the mean of so many of its hottest cells: one stray cell must not speak for a large
/// area, and a large lukewarm area must not hide a hot core.
const HOTTEST: usize = 3;

/// The model's grid, row by row, each cell a probability.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cells<'a> {
    /// `columns * rows` probabilities.
    pub(crate) values: &'a [f32],
    /// Cells in a row.
    pub(crate) columns: usize,
}

impl Cells<'_> {
    /// Returns boxes around the groups of touching cells at or above `threshold`, best first, in pixels of a
    /// picture of `width` x `height`.
    pub(crate) fn boxes(self, threshold: f32, (width, height): (u32, u32)) -> Vec<Detection> {
        let rows = self.values.len() / self.columns.max(1);
        let (cell_w, cell_h) = (width as f32 / self.columns as f32, height as f32 / rows as f32);
        let mut boxes: Vec<Detection> = self
            .groups(threshold)
            .iter()
            .map(|group| {
                let (left, right) = span(group.iter().map(|at| at % self.columns));
                let (top, bottom) = span(group.iter().map(|at| at / self.columns));
                let area = PixelBox {
                    x: left as f32 * cell_w,
                    y: top as f32 * cell_h,
                    w: (right - left + 1) as f32 * cell_w,
                    h: (bottom - top + 1) as f32 * cell_h,
                };
                Detection { class: "failure".into(), confidence: self.heat(group), area }
            })
            .collect();
        boxes.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
        boxes.truncate(MAX_BOXES);
        boxes
    }

    /// Returns each cell's probability times 255.
    pub(crate) fn bytes(self) -> Vec<u8> {
        self.values.iter().map(|v| (v.clamp(0.0, 1.0) * 255.0).round() as u8).collect()
    }

    /// Returns the groups of touching cells, corners included, each as indices.
    fn groups(self, threshold: f32) -> Vec<Vec<usize>> {
        let mut open: Vec<bool> = self.values.iter().map(|&v| v >= threshold).collect();
        let mut groups = Vec::new();
        for start in 0..open.len() {
            if !std::mem::take(&mut open[start]) {
                continue;
            }
            let mut group = vec![start];
            let mut next = 0;
            while next < group.len() {
                for neighbour in self.neighbours(group[next]) {
                    if std::mem::take(&mut open[neighbour]) {
                        group.push(neighbour);
                    }
                }
                next += 1;
            }
            groups.push(group);
        }
        groups
    }

    fn neighbours(self, at: usize) -> impl Iterator<Item = usize> {
        let (row, column) = (at / self.columns, at % self.columns);
        let (last_row, last_column) = (self.values.len() / self.columns - 1, self.columns - 1);
        let rows = row.saturating_sub(1)..=(row + 1).min(last_row);
        rows.flat_map(move |r| {
            (column.saturating_sub(1)..=(column + 1).min(last_column)).map(move |c| r * self.columns + c)
        })
    }

    fn heat(self, group: &[usize]) -> f32 {
        let mut heats: Vec<f32> = group.iter().map(|&at| self.values[at]).collect();
        heats.sort_by(|a, b| b.total_cmp(a));
        heats.truncate(HOTTEST);
        heats.iter().sum::<f32>() / heats.len() as f32
    }
}

fn span(positions: impl Iterator<Item = usize>) -> (usize, usize) {
    positions.fold((usize::MAX, 0), |(low, high), at| (low.min(at), high.max(at)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A grid drawn with digits: tenths. Boxes come back as `x,y wxh confidence`, a cell being 10 x 10 pixels.
    fn check(grid: &str, want: &[&str]) {
        let rows: Vec<&str> = grid.split('/').collect();
        let values: Vec<f32> = rows.concat().bytes().map(|b| f32::from(b - b'0') / 10.0).collect();
        let cells = Cells { values: &values, columns: rows[0].len() };
        let size = (rows[0].len() as u32 * 10, rows.len() as u32 * 10);
        let got: Vec<String> = cells
            .boxes(0.5, size)
            .iter()
            .map(|d| format!("{},{} {}x{} {:.2}", d.area.x, d.area.y, d.area.w, d.area.h, d.confidence))
            .collect();
        assert_eq!(got, want, "{grid}");
    }

    #[test]
    fn touching_hot_cells_are_one_box() {
        check("000/000", &[]);
        check("900/000", &["0,0 10x10 0.90"]);
        check("5000/0090/0000", &["20,10 10x10 0.90", "0,0 10x10 0.50"]);
        check("0700/7000/0070", &["0,0 20x20 0.70", "20,20 10x10 0.70"]);
        check("70070/07700", &["0,0 40x20 0.70"]);
        check("999/999/999", &["0,0 30x30 0.90"]);
    }

    #[test]
    fn confidence_is_the_mean_of_the_three_hottest() {
        check("95555/55555", &["0,0 50x20 0.63"]);
        check("96/00", &["0,0 20x10 0.75"]);
    }

    #[test]
    fn the_first_and_last_column_do_not_touch() {
        check("009/900", &["20,0 10x10 0.90", "0,10 10x10 0.90"]);
    }

    #[test]
    fn at_most_twenty_boxes_come_back() {
        let values: Vec<f32> =
            (0..2000).map(|i| if i % 2 == 0 && i / 50 % 2 == 0 { 0.9 } else { 0.0 }).collect();
        assert_eq!(Cells { values: &values, columns: 50 }.boxes(0.5, (500, 400)).len(), 20);
    }

    #[test]
    fn cells_become_bytes() {
        let values = [0.0, 0.5, 1.0, 1.5, -1.0];
        assert_eq!(Cells { values: &values, columns: 5 }.bytes(), [0, 128, 255, 255, 0]);
    }
}
