//! From the model's probability to the rule's input.

use serde::{Deserialize, Serialize};

/// A piecewise linear map from probability to `p`, flat beyond its ends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PMap(Vec<(f64, f64)>);

impl PMap {
    /// Reads `[[probability, p], …]` in JSON: probabilities ascending within 0 to 1, `p` finite and not negative.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub fn parse(json: &str) -> Result<Self, String> {
        let knots: Vec<(f64, f64)> = serde_json::from_str(json).map_err(|e| format!("p_map: {e}"))?;
        if knots.is_empty() {
            return Err("p_map has no knots".into());
        }
        if let Some((prob, p)) =
            knots.iter().find(|(prob, p)| !(0.0..=1.0).contains(prob) || !(0.0..1e3).contains(p))
        {
            return Err(format!("p_map has the knot [{prob}, {p}], which is out of range"));
        }
        if !knots.windows(2).all(|w| w[0].0 < w[1].0) {
            return Err("the probabilities of p_map do not ascend".into());
        }
        Ok(Self(knots))
    }

    /// Returns `p` for a probability.
    pub fn p(&self, probability: f64) -> f64 {
        let after = self.0.partition_point(|knot| knot.0 < probability);
        match (after.checked_sub(1).map(|i| self.0[i]), self.0.get(after)) {
            (Some((x0, y0)), Some(&(x1, y1))) => y0 + (probability - x0) / (x1 - x0) * (y1 - y0),
            (None, Some(&(_, y))) | (Some((_, y)), None) => y,
            (None, None) => 0.0,
        }
    }
}

/// What the scores of a model mean: whose they are, and how its probability becomes p. Models that find boxes have none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// The model's name.
    pub model: String,
    /// Its map from probability to p.
    pub p_map: PMap,
    /// What its hottest cells mean; records from before models told it carry none.
    #[serde(default)]
    pub levels: Levels,
}

/// Where the mean of a model's hottest cells lies, logits: cameras are compared by it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Levels {
    /// That of the good pictures of a usual camera.
    pub usual: f32,
    /// From that mean, less what its camera usually shows, to the logit of the picture's probability.
    pub offset: f32,
}

impl Default for Levels {
    /// Those of the models that do not tell, which are all up to 1.3.0.
    fn default() -> Self {
        Self { usual: -1.5, offset: 1.1 }
    }
}

impl Levels {
    /// Farthest from 0 that either may be: the logit of a cell's least probability.
    const MOST: f32 = 6.0;

    /// Reads `{"usual": logit, "offset": logit}` in JSON.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub fn parse(json: &str) -> Result<Self, String> {
        let levels: Self = serde_json::from_str(json).map_err(|e| format!("levels: {e}"))?;
        let sound = |logit: f32| logit.abs() <= Self::MOST;
        if sound(levels.usual) && sound(levels.offset) {
            Ok(levels)
        } else {
            Err(format!("levels has {} and {}, which are no logits of cells", levels.usual, levels.offset))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_linear_between_knots_and_flat_beyond() {
        let map = PMap::parse("[[0.1, 0], [0.5, 0.4], [0.9, 2.4]]").unwrap();
        let cases =
            [(0.0, 0.0), (0.1, 0.0), (0.3, 0.2), (0.5, 0.4), (0.7, 1.4), (0.9, 2.4), (0.99, 2.4), (1.0, 2.4)];
        for (probability, p) in cases {
            assert!(
                (map.p(probability) - p).abs() < 1e-12,
                "{probability} gives {}, not {p}",
                map.p(probability)
            );
        }
        let flat = PMap::parse("[[0.5, 1]]").unwrap();
        assert_eq!((flat.p(0.0), flat.p(0.5), flat.p(1.0)), (1.0, 1.0, 1.0));
    }

    #[test]
    fn levels_are_logits() {
        assert_eq!(Levels::parse(r#"{"usual": -2, "offset": 0.5}"#), Ok(Levels { usual: -2.0, offset: 0.5 }));
        for json in ["", "{}", "[]", r#"{"usual": 7, "offset": 0}"#, r#"{"usual": 0, "offset": -1e9}"#] {
            assert!(Levels::parse(json).is_err(), "{json}");
        }
        let before = r#"{"model": "a model", "p_map": [[0.5, 1.0]]}"#;
        let read: Calibration = serde_json::from_str(before).unwrap();
        assert_eq!(read.levels, Levels { usual: -1.5, offset: 1.1 }, "a record of an older version");
    }

    #[test]
    fn maps_that_mean_nothing_are_refused() {
        for json in
            ["", "[]", "{}", "[[0.5]]", "[[0.5,1],[0.4,2]]", "[[0.5,1],[0.5,2]]", "[[0,-1]]", "[[2,1]]"]
        {
            assert!(PMap::parse(json).is_err(), "{json}");
        }
    }
}
