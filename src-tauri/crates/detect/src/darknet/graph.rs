//! Builds the ONNX graph of a network: its steps, then from its last numbers to boxes and confidences.

use super::plan::{Conv, PER_BOX, Plan, Step, Then};
use super::proto::{
    Attribute, Dim, FLOAT, GraphDef, INT64, INTS, Model, Node, ONE_FLOAT, ONE_INT, Opset, Shape, Side,
    Tensor, TensorType, Type, Value,
};
use super::weights::Weights;
use prost::Message;

/// ONNX Runtime 1.17 reads it.
const IR_VERSION: i64 = 8;
const OPSET: i64 = 17;

/// A graph being built.
#[derive(Default)]
pub(crate) struct Graph {
    def: GraphDef,
    /// Name of the value that the next step takes.
    now: String,
    kept: String,
}

impl Graph {
    /// Builds the whole graph; `weights` are those of the plan's convolutions, in order.
    pub(crate) fn of(plan: &Plan, weights: Vec<Weights>) -> Self {
        let mut graph = Self { now: "input".into(), ..Self::default() };
        graph.def.name = "yolov2".into();
        let side = plan.side as i64;
        graph.def.input.push(value("input", &[1, 3, side, side]));
        let mut weights = weights.into_iter();
        for step in &plan.steps {
            match step {
                Step::Conv(conv) => {
                    // As many weights as convolutions: both come from the plan.
                    if let Some(weights) = weights.next() {
                        graph.conv(*conv, weights);
                    }
                }
                Step::Pool => {
                    let two = [ints("kernel_shape", &[2, 2]), ints("strides", &[2, 2])];
                    graph.then("MaxPool", &[], two.into());
                }
                Step::Keep => graph.kept = graph.now.clone(),
                Step::Swap => std::mem::swap(&mut graph.now, &mut graph.kept),
                Step::FoldAndAppend => {
                    graph.then("SpaceToDepth", &[], vec![int("blocksize", 2)]);
                    let kept = graph.kept.clone();
                    graph.then("Concat", &[&kept], vec![int("axis", 1)]);
                }
            }
        }
        graph.decode(plan);
        graph
    }

    /// Returns the file's content.
    pub(crate) fn bytes(self) -> Vec<u8> {
        let model = Model {
            ir_version: IR_VERSION,
            producer_name: "printvigil".into(),
            graph: Some(self.def),
            opset_import: vec![Opset { domain: String::new(), version: OPSET }],
        };
        model.encode_to_vec()
    }

    fn conv(&mut self, conv: Conv, weights: Weights) {
        let (to, from, side) = (conv.to as i64, conv.from as i64, conv.kernel as i64);
        let kernel = self.floats(&[to, from, side, side], &weights.kernel);
        let bias = self.floats(&[to], &weights.bias);
        let margin = side / 2;
        let shape = vec![ints("kernel_shape", &[side; 2]), ints("pads", &[margin; 4])];
        self.then("Conv", &[&kernel, &bias], shape);
        match conv.then {
            Then::NormAndLeaky => self.then("LeakyRelu", &[], vec![float("alpha", 0.1)]),
            Then::Nothing => (),
        }
    }

    /// From `[1, anchors * 6, cells, cells]` to boxes and confidences.
    fn decode(&mut self, plan: &Plan) {
        let (cells, anchors) = (plan.cells(), plan.anchors.len() as i64);
        let all = (cells * cells) as i64;
        let shape = self.whole(&[1, anchors, PER_BOX as i64, all]);
        self.then("Reshape", &[&shape], vec![]);
        let head = self.now.clone();

        self.part(&head, 0, 2);
        self.then("Sigmoid", &[], vec![]);
        let columns = (0..cells * cells).map(|at| (at % cells) as f32);
        let rows = (0..cells * cells).map(|at| (at / cells) as f32);
        let corner = self.floats(&[1, 1, 2, all], &columns.chain(rows).collect::<Vec<_>>());
        self.then("Add", &[&corner], vec![]);
        let cells_in_row = self.floats(&[1], &[cells as f32]);
        self.then("Div", &[&cells_in_row], vec![]);
        let middle = self.now.clone();

        self.part(&head, 2, 4);
        self.then("Exp", &[], vec![]);
        // Half of a size in parts of the picture.
        let half = |cells_wide: f32| cells_wide / (2.0 * cells as f32);
        let halves: Vec<f32> = plan.anchors.iter().flat_map(|&(w, h)| [half(w), half(h)]).collect();
        let halves = self.floats(&[1, anchors, 2, 1], &halves);
        self.then("Mul", &[&halves], vec![]);
        let half = self.now.clone();

        let low = self.node("Sub", &[&middle, &half], vec![]);
        let high = self.node("Add", &[&middle, &half], vec![]);
        self.now = low;
        self.then("Concat", &[&high], vec![int("axis", 2)]);
        self.then("Transpose", &[], vec![ints("perm", &[0, 1, 3, 2])]);
        let shape = self.whole(&[1, anchors * all, 1, 4]);
        self.end("boxes", &shape, &[1, anchors * all, 1, 4]);

        self.part(&head, 4, 5);
        // One class: its share is 1, so objectness is all.
        self.then("Sigmoid", &[], vec![]);
        let shape = self.whole(&[1, anchors * all, 1]);
        self.end("confs", &shape, &[1, anchors * all, 1]);
    }

    /// Goes on with rows `from` to `to` of the third axis of `head`.
    fn part(&mut self, head: &str, from: i64, to: i64) {
        let (from, to, axis) = (self.whole(&[from]), self.whole(&[to]), self.whole(&[2]));
        self.now = self.node("Slice", &[head, &from, &to, &axis], vec![]);
    }

    fn end(&mut self, name: &str, shape: &str, dims: &[i64]) {
        self.then("Reshape", &[shape], vec![]);
        if let Some(last) = self.def.node.last_mut() {
            last.output = vec![name.to_owned()];
        }
        self.def.output.push(value(name, dims));
    }

    /// Adds a node that takes what is now and `more`; goes on with its answer.
    fn then(&mut self, op: &str, more: &[&str], attributes: Vec<Attribute>) {
        let now = self.now.clone();
        let inputs: Vec<&str> = std::iter::once(now.as_str()).chain(more.iter().copied()).collect();
        self.now = self.node(op, &inputs, attributes);
    }

    fn node(&mut self, op: &str, inputs: &[&str], attribute: Vec<Attribute>) -> String {
        let output = format!("v{}", self.def.node.len());
        self.def.node.push(Node {
            input: inputs.iter().map(|&name| name.to_owned()).collect(),
            output: vec![output.clone()],
            op_type: op.into(),
            attribute,
        });
        output
    }

    fn floats(&mut self, dims: &[i64], numbers: &[f32]) -> String {
        let mut raw = Vec::with_capacity(numbers.len() * 4);
        numbers.iter().for_each(|n| raw.extend_from_slice(&n.to_le_bytes()));
        self.constant(dims, FLOAT, raw)
    }

    fn whole(&mut self, numbers: &[i64]) -> String {
        let raw = numbers.iter().flat_map(|n| n.to_le_bytes()).collect();
        self.constant(&[numbers.len() as i64], INT64, raw)
    }

    fn constant(&mut self, dims: &[i64], data_type: i32, raw: Vec<u8>) -> String {
        let name = format!("c{}", self.def.initializer.len());
        let tensor = Tensor { dims: dims.to_vec(), data_type, name: name.clone(), raw_data: raw.into() };
        self.def.initializer.push(tensor);
        name
    }
}

fn value(name: &str, dims: &[i64]) -> Value {
    let dim = dims.iter().map(|&known| Dim { side: Some(Side::Known(known)) }).collect();
    let tensor = TensorType { elem_type: FLOAT, shape: Some(Shape { dim }) };
    Value { name: name.into(), kind: Some(Type { tensor: Some(tensor) }) }
}

fn int(name: &str, i: i64) -> Attribute {
    Attribute { name: name.into(), i, kind: ONE_INT, ..Attribute::default() }
}

fn ints(name: &str, ints: &[i64]) -> Attribute {
    Attribute { name: name.into(), ints: ints.to_vec(), kind: INTS, ..Attribute::default() }
}

fn float(name: &str, f: f32) -> Attribute {
    Attribute { name: name.into(), f, kind: ONE_FLOAT, ..Attribute::default() }
}
