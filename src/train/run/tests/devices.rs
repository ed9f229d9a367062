use super::*;

/// Fifty steps on another CPU device: other bits, the same training.
#[test]
fn ndarray_and_flex_agree_over_fifty_steps() {
    let dataset = dataset();
    let model = Model {
        hidden: vec![30, 30],
        activation: Activation::LeakyRelu { slope: 0.01 },
        ..perceptron(Output::Softmax)
    };
    let spec = Train {
        batch_size: 12,
        epochs: 10,
        learning_rate: 0.001,
        ..train_spec(Loss::CrossEntropy, Optimizer::Adam { epsilon: 1e-8 })
    };
    let on = |kind| run_on(kind, &model, &spec, &dataset, 0).unwrap();
    let (flex, ndarray) = (on(DeviceKind::Flex), on(DeviceKind::Ndarray));
    for (a, b) in flex.history.iter().zip(&ndarray.history) {
        assert!(
            (a.train_loss / b.train_loss - 1.0).abs() < 1e-4,
            "{a:?} {b:?}"
        );
    }
    for (a, b) in flex.parameters.iter().zip(&ndarray.parameters) {
        for (a, b) in a.weight.iter().zip(&b.weight) {
            assert!((a - b).abs() < 1e-3, "{a} {b}");
        }
    }
}
