"""scikit-learn's MLPClassifier. It has no leaky_relu: relu stands for it."""

import warnings

from sklearn.neural_network import MLPClassifier

from shapes import EPSILON, RATE, SHAPES

ACTIVATIONS = {"leaky_relu": "relu", "sigmoid": "logistic", "identity": "identity"}


class Training:
    def __init__(self, name):
        shape = SHAPES[name]
        self.pixels, labels, one_hot = shape.rows()
        # Labels mean softmax, one-hot rows logistic outputs.
        self.targets = one_hot if shape.output == "logistic" else labels
        self.network = MLPClassifier(
            shape.hidden,
            activation=ACTIVATIONS[shape.activation],
            alpha=shape.l2,
            batch_size=shape.batch,
            learning_rate_init=RATE,
            epsilon=EPSILON,
            max_iter=1,
            warm_start=True,
            random_state=0,
        )
        warnings.filterwarnings("ignore", message="Stochastic Optimizer")

    def run(self):
        """One epoch; the mean loss."""
        self.network.fit(self.pixels, self.targets)
        return self.network.loss_
