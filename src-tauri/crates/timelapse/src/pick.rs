//! Which of the kept pictures go into a film.

/// Of a layer so many pictures at most are compared.
const MOST_OF_A_LAYER: usize = 64;

/// What a millimetre away from the part is worth against a millimetre of jump from picture to picture.
const AWAY: f64 = 0.25;

/// What is known of a kept picture.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Moment {
    /// When it was taken, seconds on any clock.
    pub seconds: f64,
    /// The layer that was being printed, from 0; `None` before the first, and where it is not known.
    pub layer: Option<u32>,
    /// Where the head was, mm; `None` where it is not known.
    pub head: Option<[f64; 2]>,
}

/// How pictures are picked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Pick {
    /// One every so many seconds.
    Seconds(f64),
    /// The first of each layer.
    Layer,
    /// One of each layer, so that the head jumps as little as can be and stays out of the way.
    Steady,
}

/// Picks pictures and returns their places, in their order. The last picture is always among them: it shows what
/// became of the print. Where nothing is known of layers, all pictures are picked.
pub fn pick(moments: &[Moment], pick: Pick) -> Vec<usize> {
    let mut picked = match pick {
        Pick::Seconds(secs) => every(moments, secs),
        Pick::Layer => layers(moments).iter().map(|layer| layer[0]).collect(),
        Pick::Steady => steady(moments, &layers(moments)),
    };
    if picked.is_empty() {
        return (0..moments.len()).collect();
    }
    let last = moments.len().saturating_sub(1);
    if picked.last() != Some(&last) {
        picked.push(last);
    }
    picked
}

fn every(moments: &[Moment], secs: f64) -> Vec<usize> {
    let mut due = f64::NEG_INFINITY;
    let mut picked = Vec::new();
    for (at, moment) in moments.iter().enumerate() {
        // A tenth of patience: cameras do not keep time.
        if moment.seconds >= due - secs * 0.1 {
            // From when it was due, not from when it came: the pace is kept over hours.
            due = if moment.seconds > due + secs { moment.seconds } else { due } + secs;
            picked.push(at);
        }
    }
    picked
}

/// Returns the pictures of each layer. A number may come again, where objects are printed one after the other.
fn layers(moments: &[Moment]) -> Vec<Vec<usize>> {
    let mut layers: Vec<Vec<usize>> = Vec::new();
    let mut now = None;
    for (at, moment) in moments.iter().enumerate() {
        let Some(layer) = moment.layer else { continue };
        match layers.last_mut() {
            Some(same) if now == Some(layer) => same.push(at),
            Some(_) | None => layers.push(vec![at]),
        }
        now = Some(layer);
    }
    layers
}

/// A picture that may be picked, and the best way to it from the first layer on.
struct Step {
    at: usize,
    head: [f64; 2],
    cost: f64,
    from: usize,
}

/// Finds the way through the layers with the least jumps; layers in which the head is not known give their first.
fn steady(moments: &[Moment], layers: &[Vec<usize>]) -> Vec<usize> {
    let heads: Vec<[f64; 2]> = moments.iter().filter_map(|moment| moment.head).collect();
    let centre = middle(&heads);
    let mut ways: Vec<Vec<Step>> = Vec::new();
    for layer in layers {
        let stride = layer.len().div_ceil(MOST_OF_A_LAYER).max(1);
        let known = layer.iter().step_by(stride).filter_map(|at| Some((*at, moments[*at].head?)));
        let before = ways.last();
        let steps: Vec<Step> = known
            .map(|(at, head)| {
                let jumps = before.into_iter().flatten().map(|step| step.cost + apart(step.head, head));
                let best = jumps.enumerate().min_by(|(_, a), (_, b)| a.total_cmp(b));
                let (from, jumped) = best.unwrap_or((0, 0.0));
                Step { at, head, cost: jumped - AWAY * apart(head, centre), from }
            })
            .collect();
        if !steps.is_empty() {
            ways.push(steps);
        }
    }
    let mut picked = Vec::new();
    let last = ways
        .last()
        .and_then(|steps| (0..steps.len()).min_by(|a, b| steps[*a].cost.total_cmp(&steps[*b].cost)));
    if let Some(mut place) = last {
        for steps in ways.iter().rev() {
            picked.push(steps[place].at);
            place = steps[place].from;
        }
    }
    let unknown = |layer: &&Vec<usize>| layer.iter().all(|at| moments[*at].head.is_none());
    picked.extend(layers.iter().filter(unknown).map(|layer| layer[0]));
    picked.sort_unstable();
    picked
}

/// Returns the middle of the area that the head went over.
fn middle(heads: &[[f64; 2]]) -> [f64; 2] {
    [0, 1].map(|axis| {
        let along = heads.iter().map(|head| head[axis]);
        let (least, most) =
            along.fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), mm| (least.min(mm), most.max(mm)));
        if least <= most { f64::midpoint(least, most) } else { 0.0 }
    })
}

fn apart(a: [f64; 2], b: [f64; 2]) -> f64 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten pictures a layer, ten seconds apart; the head goes round a square of 40 mm.
    fn print(layers: u32) -> Vec<Moment> {
        (0..layers * 10)
            .map(|n| {
                // Each layer begins a little further on: what is picked by time or number wanders about.
                let round = f64::from(n) * 0.37 % 4.0;
                let along = round.fract() * 40.0;
                let head = match round as u32 {
                    0 => [along, 0.0],
                    1 => [40.0, along],
                    2 => [40.0 - along, 40.0],
                    _ => [0.0, 40.0 - along],
                };
                Moment { seconds: f64::from(n) * 10.0, layer: Some(n / 10), head: Some(head) }
            })
            .collect()
    }

    fn jumps(moments: &[Moment], picked: &[usize]) -> f64 {
        let jump = |pair: &[usize]| apart(moments[pair[0]].head.unwrap(), moments[pair[1]].head.unwrap());
        picked.windows(2).map(jump).sum::<f64>() / (picked.len() - 1) as f64
    }

    #[test]
    fn every_so_many_seconds_keeps_its_pace_and_the_end() {
        let moments = print(10);
        assert_eq!(pick(&moments, Pick::Seconds(30.0))[..4], [0, 3, 6, 9]);
        assert_eq!(pick(&moments, Pick::Seconds(30.0)).last(), Some(&99));
        assert_eq!(pick(&moments, Pick::Seconds(1.0)).len(), 100, "no more than there are");
        let late: Vec<Moment> =
            (0..1000).map(|n| Moment { seconds: f64::from(n) * 1.003, ..Moment::default() }).collect();
        assert_eq!(pick(&late, Pick::Seconds(10.0)).len(), 101 + 1, "a late camera does not add up");
        assert_eq!(pick(&[], Pick::Seconds(10.0)), [0_usize; 0]);
    }

    #[test]
    fn a_pause_gives_no_burst_afterwards() {
        let at = |seconds| Moment { seconds, ..Moment::default() };
        let mut moments: Vec<Moment> = (0..5).map(|n| at(f64::from(n) * 10.0)).collect();
        moments.extend((0..50).map(|n| at(4000.0 + f64::from(n))));
        assert_eq!(pick(&moments, Pick::Seconds(10.0)), [0, 1, 2, 3, 4, 5, 14, 24, 34, 44, 54]);
    }

    #[test]
    fn one_a_layer_is_its_first_and_numbers_may_come_again() {
        let mut moments = print(3);
        moments[0].layer = None;
        assert_eq!(pick(&moments, Pick::Layer), [1, 10, 20, 29]);
        moments[20..].iter_mut().for_each(|moment| moment.layer = Some(0));
        assert_eq!(pick(&moments, Pick::Layer), [1, 10, 20, 29], "the second object begins at 0");
        moments.iter_mut().for_each(|moment| moment.layer = None);
        assert_eq!(pick(&moments, Pick::Layer).len(), 30, "no layers known: all of them");
    }

    #[test]
    fn a_steady_head_jumps_far_less_and_stays_at_the_edge() {
        let moments = print(60);
        let (steady, plain) = (pick(&moments, Pick::Steady), pick(&moments, Pick::Layer));
        assert_eq!((steady.len(), plain.len()), (61, 61), "one a layer and the end");
        let (calm, restless) = (jumps(&moments, &steady[..60]), jumps(&moments, &plain[..60]));
        assert!(calm < restless / 2.0, "{calm:.1} mm from picture to picture, {restless:.1} mm unpicked");
        for layer in 0..60 {
            assert!(steady[..60].iter().any(|at| at / 10 == layer), "layer {layer} has its picture");
        }
    }

    #[test]
    fn where_the_head_is_unknown_it_is_one_a_layer() {
        let mut moments = print(6);
        moments[20..40].iter_mut().for_each(|moment| moment.head = None);
        let picked = pick(&moments, Pick::Steady);
        assert!(picked.contains(&20) && picked.contains(&30) && picked.is_sorted(), "{picked:?}");
        moments.iter_mut().for_each(|moment| moment.head = None);
        assert_eq!(pick(&moments, Pick::Steady), pick(&moments, Pick::Layer));
        let crowded = vec![Moment { layer: Some(0), head: Some([1.0, 2.0]), ..Moment::default() }; 5000];
        assert_eq!(pick(&crowded, Pick::Steady).len(), 2);
    }
}
