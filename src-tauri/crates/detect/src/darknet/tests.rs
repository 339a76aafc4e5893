//! A thin network of Obico's structure, converted and run, against plain loops that know nothing of ONNX.

use super::plan::{PER_BOX, Plan, Step, Then};
use super::*;
use crate::onnx::{environment, open};
use crate::{Detector, Loaded, ModelKind, Picture, find_runtime, load_model};
use ort::value::TensorRef;

/// Small numbers that look random and are the same everywhere.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 40) as f32 / (1u64 << 24) as f32) * 2.0 - 1.0
    }
}

/// One convolution's numbers as they lie in the file, normalisation apart.
struct Layer {
    bias: Vec<f32>,
    norm: Option<[Vec<f32>; 3]>,
    kernel: Vec<f32>,
}

fn layers(plan: &Plan) -> Vec<Layer> {
    let mut dice = Dice(1);
    let mut some = |count: usize, low: f32, high: f32| -> Vec<f32> {
        (0..count).map(|_| low + (dice.roll() + 1.0) / 2.0 * (high - low)).collect()
    };
    plan.convs()
        .map(|conv| {
            let spread = (3.0 / (conv.from * conv.kernel * conv.kernel) as f32).sqrt();
            Layer {
                bias: some(conv.to, -0.3, 0.3),
                norm: (conv.then == Then::NormAndLeaky)
                    .then(|| [some(conv.to, 0.7, 1.4), some(conv.to, -0.2, 0.2), some(conv.to, 0.3, 1.2)]),
                kernel: some(conv.weights(), -spread, spread),
            }
        })
        .collect()
}

fn file(layers: &[Layer]) -> Vec<u8> {
    let mut bytes: Vec<u8> = [0i32, 2, 0].iter().flat_map(|n| n.to_le_bytes()).collect();
    bytes.extend(32_013_312u64.to_le_bytes());
    for layer in layers {
        let norm = layer.norm.iter().flatten().flatten();
        let numbers = layer.bias.iter().chain(norm).chain(&layer.kernel);
        bytes.extend(numbers.flat_map(|n| n.to_le_bytes()));
    }
    bytes
}

/// Channels of square pictures.
type Planes = Vec<Vec<f32>>;

fn convolve(input: &Planes, side: usize, to: usize, size: usize, layer: &Layer) -> Planes {
    let (from, margin) = (input.len(), size / 2);
    let at = |out: usize, y: usize, x: usize| {
        let mut sum = 0.0;
        for (channel, plane) in input.iter().enumerate() {
            for ky in 0..size {
                for kx in 0..size {
                    let (py, px) = ((y + ky).wrapping_sub(margin), (x + kx).wrapping_sub(margin));
                    if py < side && px < side {
                        sum += plane[py * side + px]
                            * layer.kernel[((out * from + channel) * size + ky) * size + kx];
                    }
                }
            }
        }
        let Some([scales, means, variances]) = &layer.norm else { return sum + layer.bias[out] };
        let v = (sum - means[out]) / (variances[out] + 1e-5).sqrt() * scales[out] + layer.bias[out];
        if v > 0.0 { v } else { 0.1 * v }
    };
    (0..to).map(|out| (0..side * side).map(|i| at(out, i / side, i % side)).collect()).collect()
}

fn pick(plane: &[f32], side: usize, y: usize, x: usize) -> Vec<f32> {
    let half = side / 2;
    (0..half * half).map(|i| plane[(i / half * 2 + y) * side + i % half * 2 + x]).collect()
}

/// Runs the network by plain loops; returns the last numbers, `[30][cells]`.
fn run_plainly(plan: &Plan, layers: &[Layer], input: Planes) -> Planes {
    let (mut now, mut side, mut kept, mut kept_side) = (input, plan.side, Vec::new(), 0);
    let mut layers = layers.iter();
    for step in &plan.steps {
        match step {
            Step::Conv(conv) => now = convolve(&now, side, conv.to, conv.kernel, layers.next().unwrap()),
            Step::Pool => {
                let quarter = |p: &Vec<f32>| {
                    let [a, b, c, d] = [(0, 0), (0, 1), (1, 0), (1, 1)].map(|(y, x)| pick(p, side, y, x));
                    (0..a.len()).map(|i| a[i].max(b[i]).max(c[i]).max(d[i])).collect()
                };
                now = now.iter().map(quarter).collect();
                side /= 2;
            }
            Step::Keep => (kept, kept_side) = (now.clone(), side),
            Step::Swap => {
                std::mem::swap(&mut now, &mut kept);
                std::mem::swap(&mut side, &mut kept_side);
            }
            Step::FoldAndAppend => {
                let corners = [(0, 0), (0, 1), (1, 0), (1, 1)];
                now =
                    corners.iter().flat_map(|&(y, x)| now.iter().map(move |p| pick(p, side, y, x))).collect();
                now.append(&mut kept);
                side /= 2;
            }
        }
    }
    now
}

#[test]
fn a_converted_network_answers_as_plain_loops_do() {
    let plan = Plan::yolov2(64, 16);
    let layers = layers(&plan);
    let dir = tempfile::tempdir().unwrap();
    let (from, to) = (dir.path().join("thin.darknet"), dir.path().join("thin.onnx"));
    std::fs::write(&from, file(&layers)).unwrap();
    convert_as(&plan, &from, &to).unwrap();

    let Ok(runtime) = find_runtime(&[]) else {
        eprintln!("skipped: no ONNX Runtime");
        return;
    };
    let mut dice = Dice(5);
    let input: Planes = (0..3).map(|_| (0..64 * 64).map(|_| (dice.roll() + 1.0) / 2.0).collect()).collect();
    let mut session = open(&environment(&runtime).unwrap(), &to).unwrap();
    let flat = input.concat();
    let tensor = TensorRef::from_array_view(([1, 3, 64, 64], &*flat)).unwrap();
    let outputs = session.run(ort::inputs!["input" => tensor]).unwrap();
    let (shape, boxes) = outputs[0].try_extract_tensor::<f32>().unwrap();
    assert_eq!(**shape, [1, 20, 1, 4]);
    let (shape, confs) = outputs[1].try_extract_tensor::<f32>().unwrap();
    assert_eq!(**shape, [1, 20, 1]);

    let last = run_plainly(&plan, &layers, input);
    assert!(last.concat().iter().any(|v| v.abs() > 0.05), "numbers that differ: {last:?}");
    let sigmoid = |v: f32| 1.0 / (1.0 + (-v).exp());
    for (anchor, &(w, h)) in plan.anchors.iter().enumerate() {
        let of = |row: usize, cell: usize| last[anchor * PER_BOX + row][cell];
        for cell in 0..4 {
            let (x, y) = (
                (sigmoid(of(0, cell)) + (cell % 2) as f32) / 2.0,
                (sigmoid(of(1, cell)) + (cell / 2) as f32) / 2.0,
            );
            let (w, h) = (w * of(2, cell).exp() / 2.0, h * of(3, cell).exp() / 2.0);
            let want = [x - w / 2.0, y - h / 2.0, x + w / 2.0, y + h / 2.0, sigmoid(of(4, cell))];
            let at = anchor * 4 + cell;
            let got = [boxes[at * 4], boxes[at * 4 + 1], boxes[at * 4 + 2], boxes[at * 4 + 3], confs[at]];
            let near = got.iter().zip(want).all(|(g, w)| (g - w).abs() < 1e-3 * w.abs().max(1.0));
            assert!(near, "box {at}: {got:?}, not {want:?}");
        }
    }
}

#[test]
fn a_converted_network_is_one_of_obicos_kind() {
    let Ok(runtime) = find_runtime(&[]) else {
        eprintln!("skipped: no ONNX Runtime");
        return;
    };
    let plan = Plan::yolov2(64, 32);
    let dir = tempfile::tempdir().unwrap();
    let (from, to) = (dir.path().join("thin.darknet"), dir.path().join("thin.onnx"));
    std::fs::write(&from, file(&layers(&plan))).unwrap();
    convert_as(&plan, &from, &to).unwrap();
    let Ok(Loaded::Boxes(mut model)) = load_model(&runtime, &to, None) else { panic!("not loaded") };
    assert_eq!(
        (model.kind(), model.input_size(), model.finds_failures()),
        (ModelKind::Obico, (64, 64), true)
    );
    let found = model.detect(&Picture { width: 30, height: 20, pixels: vec![90; 1800] }).unwrap();
    assert!(found.p > 0.0, "random weights see something");
}

#[test]
fn files_that_do_not_fit_are_refused_with_words() {
    let dir = tempfile::tempdir().unwrap();
    let plan = Plan::yolov2(64, 32);
    let whole = file(&layers(&plan));
    let mut not_a_number = whole.clone();
    not_a_number[100..104].copy_from_slice(&f32::NAN.to_le_bytes());
    let cases: [(&[u8], &str); 6] = [
        (b"", "too short"),
        (b"PK\x03\x04 not darknet at all", "no darknet weights file"),
        (&whole[..whole.len() - 4], "cut off"),
        (&[&whole[..], b"more"].concat(), "too long"),
        (&whole[..14], "too short"),
        (&not_a_number, "damaged"),
    ];
    for (bytes, words) in cases {
        let from = dir.path().join("x.darknet");
        std::fs::write(&from, bytes).unwrap();
        let why = convert_as(&plan, &from, &dir.path().join("x.onnx")).unwrap_err();
        assert!(why.contains(words), "{words}: {why}");
    }
}
