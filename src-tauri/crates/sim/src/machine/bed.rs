//! What really came out of the nozzle: the camera draws it, tests count it.

/// Filament laid down by one move (or a part of it), in machine coordinates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Strand {
    /// Where it began, X, Y, Z in mm.
    pub from: [f32; 3],
    /// Where it ended.
    pub to: [f32; 3],
    /// mm of filament pushed.
    pub e_mm: f32,
    /// Layer from 0: rises with each new height.
    pub layer_idx: u32,
    /// It found no hold and curled up.
    pub loose: bool,
}

/// Everything on the bed since it was last cleared.
#[derive(Debug, Clone, Default)]
pub struct Bed {
    strands: Vec<Strand>,
    cleared: u64,
    layer_idx: u32,
    layer_z: Option<f32>,
}

/// A long print with short moves is cut here: memory stays bounded.
const MOST_STRANDS: usize = 400_000;

impl Bed {
    /// Returns what lies there, in order.
    pub fn strands(&self) -> &[Strand] {
        &self.strands
    }

    /// Returns how often the bed was cleared: when it changed, `strands` began anew.
    pub fn cleared(&self) -> u64 {
        self.cleared
    }

    /// Takes everything off the bed.
    pub fn clear(&mut self) {
        *self = Self { cleared: self.cleared + 1, ..Self::default() };
    }

    pub(super) fn lay(&mut self, from: [f64; 4], to: [f64; 4], loose: bool) {
        let z = to[2] as f32;
        match self.layer_z {
            Some(was) if z > was + 0.01 => {
                self.layer_idx += 1;
                self.layer_z = Some(z);
            }
            Some(_) => (),
            None => self.layer_z = Some(z),
        }
        if self.strands.len() < MOST_STRANDS {
            self.strands.push(Strand {
                from: std::array::from_fn(|i| from[i] as f32),
                to: std::array::from_fn(|i| to[i] as f32),
                e_mm: (to[3] - from[3]) as f32,
                layer_idx: self.layer_idx,
                loose,
            });
        }
    }
}
