"""The U-Net as it is published, against which ours is held."""

import torch
from torch.nn import functional


def plain_block(block, features):
    return block.convolution(torch.relu(features * block.film.scale + block.film.shift)) + block.shortcut(features)


def plain_unet(network, features):
    """The network as it is published, layer after layer at full cost."""
    levels = []
    for depth, block in enumerate(network.down):
        features = plain_block(block, features)
        features = torch.relu(functional.avg_pool2d(features, 2) if depth else features)
        levels.append(features)
    features = levels.pop()
    for depth, block in enumerate(network.up):
        features = torch.cat([levels.pop(), features], dim=1) if depth else features
        if depth < len(network.up) - 1:
            features = functional.interpolate(features, scale_factor=2, mode="bilinear")
        features = torch.relu(plain_block(block, features))
    return plain_block(network.head, features)
