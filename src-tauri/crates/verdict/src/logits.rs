//! Heat maps as logits, in which cameras differ by an offset.

use crate::heat::heat;

/// A cell's probability is taken for no less than this away from 0 and 1.
const LEAST: f32 = 0.002;

/// The coldest that a cell can be.
pub(crate) fn coldest() -> f32 {
    logit(0)
}

/// Returns the cells as logits; ignored ones as the coldest.
pub(crate) fn logits(cells: &[u8], ignored: &[bool]) -> Vec<f32> {
    let coldest = coldest();
    let of = |(&cell, &ignored): (&u8, &bool)| if ignored { coldest } else { logit(cell) };
    cells.iter().zip(ignored).map(of).collect()
}

/// Returns the mean of the hottest cells.
pub(crate) fn level(logits: &[f32]) -> f32 {
    heat(logits)
}

/// Returns each cell's mean with its eight neighbours, so that what shifts by a cell is known all the same.
pub(crate) fn blurred(logits: &[f32], columns: usize) -> Vec<f32> {
    let columns = columns.max(1);
    let rows = logits.len() / columns;
    (0..logits.len())
        .map(|at| {
            let (row, column) = (at / columns, at % columns);
            let (mut sum, mut count) = (0.0, 0.0_f32);
            for r in row.saturating_sub(1)..=(row + 1).min(rows.saturating_sub(1)) {
                for c in column.saturating_sub(1)..=(column + 1).min(columns - 1) {
                    if let Some(logit) = logits.get(r * columns + c) {
                        sum += logit;
                        count += 1.0;
                    }
                }
            }
            sum / count.max(1.0)
        })
        .collect()
}

/// Returns the probability of a logit.
pub(crate) fn probability(logit: f64) -> f64 {
    1.0 / (1.0 + (-logit).exp())
}

fn logit(cell: u8) -> f32 {
    let p = (f32::from(cell) / 255.0).clamp(LEAST, 1.0 - LEAST);
    (p / (1.0 - p)).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logits_rise_with_the_cell_and_have_ends() {
        let all: Vec<f32> = (0..=255).map(logit).collect();
        assert!(all.windows(2).all(|pair| pair[0] <= pair[1]) && all.iter().all(|logit| logit.is_finite()));
        assert!((all[0] + 6.21).abs() < 0.01 && (probability(f64::from(all[128])) - 0.502).abs() < 0.001);
        assert_eq!(logits(&[255, 255], &[false, true])[1], coldest());
    }

    #[test]
    fn a_blur_keeps_what_is_even_and_spreads_a_spot() {
        assert_eq!(blurred(&[2.0; 12], 4), vec![2.0; 12]);
        let mut spot = vec![0.0; 25];
        spot[12] = 9.0;
        let blurred = blurred(&spot, 5);
        assert_eq!((blurred[12], blurred[6], blurred[0]), (1.0, 1.0, 0.0));
    }
}
