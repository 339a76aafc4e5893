"""Makes the tiny models of the tests. Needs the Python packages onnx and numpy: python3 make.py

grid.onnx answers with the mean of red in each 8 x 8 block of a 48 x 32 picture: what the boxes must be can be
told by looking at the picture. The others are broken, each in its own way.
"""

import onnx
from onnx import TensorProto, helper, numpy_helper
import numpy as np

METADATA = {
    "vigil.kind": "grid",
    "vigil.name": "red blocks",
    "vigil.version": "1",
    "vigil.p_map": "[[0.0, 0.0], [0.5, 0.4], [1.0, 2.0]]",
    "vigil.cell_threshold": "0.5",
}


def save(path, metadata, scale=1 / 255, extra=(), size=(32, 48), before_end=None):
    height, width = size
    nodes = [
        helper.make_node("AveragePool", ["image"], ["pooled"], kernel_shape=[8, 8], strides=[8, 8]),
        helper.make_node("Gather", ["pooled", "zero"], ["red"], axis=1),
        helper.make_node("Mul", ["red", "scale"], ["raw"]),
        helper.make_node(before_end or "Identity", ["raw"], ["cells"]),
        helper.make_node("ReduceMax", ["cells"], ["probability"], axes=[1, 2], keepdims=0),
    ]
    constants = [
        numpy_helper.from_array(np.array(0, dtype=np.int64), "zero"),
        numpy_helper.from_array(np.array(scale, dtype=np.float32), "scale"),
    ]
    graph = helper.make_graph(
        nodes,
        "red",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, height, width])],
        [
            helper.make_tensor_value_info("cells", TensorProto.FLOAT, [1, height // 8, width // 8]),
            helper.make_tensor_value_info("probability", TensorProto.FLOAT, [1]),
        ],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    helper.set_model_props(model, metadata)
    onnx.checker.check_model(model)
    onnx.save(model, path)


save("grid.onnx", METADATA)
save("above-one.onnx", METADATA, scale=1.0)
save("not-a-number.onnx", METADATA, scale=-1.0, before_end="Sqrt")
save("no-kind.onnx", {k: v for k, v in METADATA.items() if k != "vigil.kind"})
save("newer-kind.onnx", METADATA | {"vigil.kind": "boxes"})
save("bad-map.onnx", METADATA | {"vigil.p_map": "[[0.9, 1], [0.1, 0]]"})
