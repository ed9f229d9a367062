"""PyTorch, the usual loop: rows chosen from a tensor, one optimiser step a batch."""

import torch
from torch import nn

from shapes import EPSILON, RATE, ROWS, SHAPES

torch.set_num_threads(1)
ACTIVATIONS = {"leaky_relu": lambda: nn.LeakyReLU(0.01), "sigmoid": nn.Sigmoid}


class Training:
    def __init__(self, name):
        self.shape = shape = SHAPES[name]
        pixels, labels, one_hot = shape.rows()
        self.pixels = torch.from_numpy(pixels)
        if shape.output == "logistic":
            self.targets = torch.from_numpy(one_hot)
            losses = nn.BCEWithLogitsLoss(reduction="sum")
            self.loss = lambda z, t: losses(z, t) / len(t)
        else:
            self.targets = torch.from_numpy(labels)
            self.loss = nn.CrossEntropyLoss()
        layers = []
        for weight, bias in shape.weights():
            layer = nn.Linear(*weight.shape)
            with torch.no_grad():
                layer.weight.copy_(torch.from_numpy(weight.T))
                layer.bias.copy_(torch.from_numpy(bias))
            layers += [layer, ACTIVATIONS.get(shape.activation, nn.Identity)()]
        self.network = nn.Sequential(*layers[:-1])
        weights = [p for p in self.network.parameters() if p.dim() == 2]
        biases = [p for p in self.network.parameters() if p.dim() == 1]
        decay = shape.l2 / shape.batch
        groups = [{"params": weights, "weight_decay": decay}, {"params": biases}]
        self.optimizer = torch.optim.Adam(groups, lr=RATE, eps=EPSILON)

    def run(self):
        """One epoch; the mean loss."""
        total = torch.zeros(())
        for rows in torch.randperm(ROWS).split(self.shape.batch):
            loss = self.loss(self.network(self.pixels[rows]), self.targets[rows])
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            total += loss.detach()
        return total.item() / self.shape.steps
