"""Makes the tiny box models of the tests, random weights where nothing else is said.

Needs the Python packages onnx and numpy: python3 make_boxes.py

obico.onnx, yolo5.onnx and yolo8.onnx answer with one certain box each, whatever the weights say, whose confidence is
the mean of red in the middle of the input; the random ones run a real small network and may say anything.
"""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

F = TensorProto.FLOAT
rng = np.random.default_rng(7)


def const(name, value, dtype=np.float32):
    return numpy_helper.from_array(np.array(value, dtype=dtype), name)


def save(path, nodes, constants, outputs, size=64, metadata=None, kind=F, dynamic=False):
    shape = [1, 3, "height", "width"] if dynamic else [1, 3, size, size]
    name = "input" if path.startswith("obico") else "images"
    graph = helper.make_graph(
        nodes(name), path, [helper.make_tensor_value_info(name, kind, shape)],
        [helper.make_tensor_value_info(n, kind, s) for n, s in outputs], constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    helper.set_model_props(model, metadata or {})
    onnx.checker.check_model(model)
    onnx.save(model, path)


def red(name):
    """The mean of red over the middle rows (24 to 40) as [1, 1, 1]."""
    return [
        helper.make_node("Slice", [name, "from", "to", "axes"], ["middle"]),
        helper.make_node("ReduceMean", ["middle"], ["red4"], axes=[2, 3], keepdims=1),
        helper.make_node("Reshape", ["red4", "one"], ["red"]),
    ]


MIDDLE = [
    const("from", [0, 24, 0], np.int64), const("to", [1, 40, 64], np.int64), const("axes", [1, 2, 3], np.int64),
    const("one", [1, 1, 1], np.int64),
]
NAMES = {"names": "{0: 'good', 1: 'spaghetti'}", "task": "detect", "imgsz": "[64, 64]"}

# One box on the right half, the upper quarter.
save(
    "obico.onnx",
    lambda name: red(name) + [
        helper.make_node("Identity", ["place"], ["boxes"]),
        helper.make_node("Concat", ["red", "rest"], ["confs"], axis=1),
    ],
    MIDDLE + [const("place", [[[[0.5, 0.0, 1.0, 0.25]], [[0, 0, 1, 1]], [[0, 0, 1, 1]]]]), const("rest", [[[0.08], [0.01]]])],
    [("boxes", [1, 3, 1, 4]), ("confs", [1, 3, 1])],
)
# A box of 32 x 16 in the middle of 64 x 64; 252 rows as YOLOv5 has for that size.
rest5 = np.zeros((1, 251, 7), np.float32)
save(
    "yolo5.onnx",
    lambda name: red(name) + [
        helper.make_node("Concat", ["place", "red", "classes"], ["row"], axis=2),
        helper.make_node("Concat", ["row", "rest"], ["output0"], axis=1),
    ],
    MIDDLE + [const("place", [[[32, 32, 32, 16]]]), const("classes", [[[0.1, 0.5]]]), numpy_helper.from_array(rest5, "rest")],
    [("output0", [1, 252, 7])], metadata=NAMES,
)
rest8 = np.zeros((1, 6, 83), np.float32)
save(
    "yolo8.onnx",
    lambda name: red(name) + [
        helper.make_node("Concat", ["place", "red"], ["column"], axis=1),
        helper.make_node("Concat", ["column", "rest"], ["output0"], axis=2),
    ],
    MIDDLE + [const("place", [[[32], [32], [32], [16], [0.9]]]), numpy_helper.from_array(rest8, "rest")],
    [("output0", [1, 6, 84])], metadata=NAMES,
)


def network(channels, step, end):
    """The mean of each step x step, then a convolution of random weights, squashed, then shaped by `end`."""
    weights = rng.normal(0, 2, (channels, 3, 1, 1)).astype(np.float32)
    nodes = lambda name: [
        helper.make_node("AveragePool", [name], ["pooled"], kernel_shape=[step, step], strides=[step, step]),
        helper.make_node("Conv", ["pooled", "weights"], ["raw"]),
        helper.make_node("Sigmoid", ["raw"], ["squashed"]),
    ] + end
    return nodes, [numpy_helper.from_array(weights, "weights")]


nodes, constants = network(7, 8, [helper.make_node("Reshape", ["squashed", "shape"], ["output0"])])
save("random-yolo8.onnx", nodes, constants + [const("shape", [1, 7, -1], np.int64)], [("output0", [1, 7, "boxes"])],
     metadata={"names": "{0: 'spaghetti', 1: 'stringing', 2: 'zits'}"}, dynamic=True)
# Three boxes for each field of three grids, as YOLOv5 has them: 252 for 64 x 64.
nodes, constants = network(18, 8, [
    helper.make_node("AveragePool", ["squashed"], ["squashed2"], kernel_shape=[2, 2], strides=[2, 2]),
    helper.make_node("AveragePool", ["squashed2"], ["squashed3"], kernel_shape=[2, 2], strides=[2, 2]),
    helper.make_node("Reshape", ["squashed", "shape"], ["flat1"]),
    helper.make_node("Reshape", ["squashed2", "shape"], ["flat2"]),
    helper.make_node("Reshape", ["squashed3", "shape"], ["flat3"]),
    helper.make_node("Concat", ["flat1", "flat2", "flat3"], ["flat"], axis=2),
    helper.make_node("Transpose", ["flat"], ["output0"], perm=[0, 2, 1]),
])
save("random-yolo5.onnx", nodes, constants + [const("shape", [1, 6, -1], np.int64)], [("output0", [1, 252, 6])])
nodes, constants = network(25, 16, [
    helper.make_node("Reshape", ["squashed", "shape"], ["flat"]),
    helper.make_node("Split", ["flat", "parts"], ["b", "c"], axis=3),
    helper.make_node("Identity", ["b"], ["boxes"]),
    helper.make_node("Squeeze", ["c", "two"], ["confs"]),
])
save("obico-random.onnx", nodes, constants + [
    const("shape", [1, 80, 1, 5], np.int64), const("parts", [4, 1], np.int64), const("two", [2], np.int64),
], [("boxes", [1, 80, 1, 4]), ("confs", [1, 80, 1])])

# Broken, each in its own way.
save("yolo8-nan.onnx", lambda name: red(name) + [
    helper.make_node("Sub", ["red", "half"], ["below"]),
    helper.make_node("Sqrt", ["below"], ["nan"]),
    helper.make_node("Concat", ["place", "nan"], ["column"], axis=1),
    helper.make_node("Concat", ["column", "rest"], ["output0"], axis=2),
], MIDDLE + [const("half", 0.5), const("place", [[[32], [32], [32], [16], [0.9]]]), numpy_helper.from_array(rest8, "rest")],
     [("output0", [1, 6, 84])], metadata=NAMES)
half = [helper.make_node("Identity", ["images"], ["output0"])]
save("half.onnx", lambda name: half, [], [("output0", [1, 3, 64, 64])], kind=TensorProto.FLOAT16)
save("bytes.onnx", lambda name: half, [], [("output0", [1, 3, 64, 64])], kind=TensorProto.UINT8)
save("picture-to-picture.onnx", lambda name: half, [], [("output0", [1, 3, 64, 64])])
save("pose.onnx", nodes=lambda name: red(name) + [helper.make_node("Identity", ["rest"], ["output0"])],
     constants=MIDDLE + [const("rest", np.zeros((1, 10, 84)))], outputs=[("output0", [1, 10, 84])], metadata=NAMES)
# No class that looks like a failure, and no number where its scores belong.
save("nan-unwanted.onnx", nodes=lambda name: red(name) + [helper.make_node("Identity", ["rest"], ["output0"])],
     constants=MIDDLE + [const("rest", np.full((1, 6, 84), np.nan))], outputs=[("output0", [1, 6, 84])],
     metadata={"names": "{0: 'cat', 1: 'dog'}"})
# Goes round for ever.
body = helper.make_graph(
    [
        helper.make_node("Identity", ["go_on"], ["go_on_out"]),
        helper.make_node("Identity", ["state"], ["state_out"]),
    ],
    "body",
    [
        helper.make_tensor_value_info("turn", TensorProto.INT64, []),
        helper.make_tensor_value_info("go_on", TensorProto.BOOL, []),
        helper.make_tensor_value_info("state", TensorProto.FLOAT, [1, 6, 84]),
    ],
    [
        helper.make_tensor_value_info("go_on_out", TensorProto.BOOL, []),
        helper.make_tensor_value_info("state_out", TensorProto.FLOAT, [1, 6, 84]),
    ],
)
save("never-ends.onnx", nodes=lambda name: [
    helper.make_node("ReduceMean", [name], ["mean"], keepdims=0),
    helper.make_node("Mul", ["rest", "mean"], ["begin"]),
    helper.make_node("Loop", ["", "yes", "begin"], ["output0"], body=body),
], constants=[const("rest", np.zeros((1, 6, 84))), const("yes", True, np.bool_)], outputs=[("output0", [1, 6, 84])],
     metadata=NAMES)
