"""Writes ONNX files, folds paddings into convolutions, halves the file, and checks what was written against torch."""

import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch

OPSET = 17


def to_onnx(module, example, path, inputs, outputs, axes=None):
    """Exports `module` (in eval mode: batch-norm is folded) to `path` and folds its Pad nodes."""
    module.eval()
    torch.onnx.export(
        module,
        example,
        str(path),
        opset_version=OPSET,
        input_names=inputs,
        output_names=outputs,
        dynamic_axes=axes,
        do_constant_folding=True,
    )
    model = onnx.load(str(path))
    _fold_pads(model)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))


def session(path, threads):
    """Opens a model on the CPU with `threads` threads."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def ship(shipped, size, path, metadata, threads=1):
    """Writes the finished model with its metadata and proves that ONNX Runtime and torch agree.

    Returns the largest difference of any output. Raises if it exceeds 1e-2: the weights are stored in half precision.
    """
    width, height = size
    example = torch.rand(1, 3, height, width) * 255
    path = Path(path)
    to_onnx(shipped, example, path, ["image"], ["cells", "probability"])
    model = onnx.load(str(path))
    _halve(model)
    del model.metadata_props[:]
    for key, value in metadata.items():
        entry = model.metadata_props.add()
        entry.key, entry.value = key, value if isinstance(value, str) else json.dumps(value)
    model.producer_name, model.producer_version = "printvigil", metadata["vigil.version"]
    onnx.save(model, str(path))
    run = session(path, threads)
    worst = 0.0
    for seed in range(4):
        torch.manual_seed(seed)
        pixels = (torch.rand(1, 3, height, width) * 255).round()
        with torch.no_grad():
            wanted = shipped(pixels)
        for got, want in zip(run.run(None, {"image": pixels.numpy()}), wanted):
            worst = max(worst, float(np.abs(got - want.numpy()).max()))
    if worst > 1e-2:
        raise SystemExit(f"onnxruntime and torch differ by {worst}: the export is not to be trusted")
    return worst


def _halve(model):
    """Stores large weights as float16 with a cast behind: half the file. Runtimes fold the cast when they load it."""
    casts = []
    for tensor in model.graph.initializer:
        values = onnx.numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size < 256:
            continue
        name = tensor.name
        tensor.CopyFrom(onnx.numpy_helper.from_array(values.astype(np.float16), name + ".half"))
        casts.append(onnx.helper.make_node("Cast", [name + ".half"], [name], to=onnx.TensorProto.FLOAT))
    nodes = casts + list(model.graph.node)
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    onnx.checker.check_model(model)


def _fold_pads(model):
    """Moves constant zero paddings into the convolutions behind them: one pass over memory fewer each."""
    constants = {t.name: onnx.numpy_helper.to_array(t) for t in model.graph.initializer}
    for node in model.graph.node:
        if node.op_type == "Constant":
            constants[node.output[0]] = onnx.numpy_helper.to_array(node.attribute[0].t)
    readers = {}
    for node in model.graph.node:
        for name in node.input:
            readers.setdefault(name, []).append(node)
    for pad in [n for n in model.graph.node if n.op_type == "Pad"]:
        behind = readers.get(pad.output[0], [])
        pads = constants.get(pad.input[1])
        value = constants.get(pad.input[2], 0) if len(pad.input) > 2 and pad.input[2] else 0
        if pads is None or float(value) != 0 or len(pads) != 8 or pads[[0, 1, 4, 5]].any() or (pads < 0).any():
            continue
        if len(behind) != 1 or behind[0].op_type != "Conv":
            continue
        conv = behind[0]
        own = next((a for a in conv.attribute if a.name == "pads"), None)
        before = list(own.ints) if own else [0, 0, 0, 0]
        if own:
            conv.attribute.remove(own)
        extra = [pads[2], pads[3], pads[6], pads[7]]
        conv.attribute.append(onnx.helper.make_attribute("pads", [int(a + b) for a, b in zip(before, extra)]))
        conv.input[0] = pad.input[0]
        model.graph.node.remove(pad)
