namespace Graft.Onnx;

/// <summary>The operators that a classifier's head consists of.</summary>
internal static class HeadOperators
{
    /// <summary>Operators that compute each value from one other value, as activation functions do.</summary>
    public static readonly HashSet<string> Activations =
    [
        "Relu",
        "LeakyRelu",
        "ThresholdedRelu",
        "Elu",
        "Celu",
        "Selu",
        "Softplus",
        "Softsign",
        "Mish",
        "Swish",
        "Gelu",
        "Sigmoid",
        "HardSigmoid",
        "HardSwish",
        "Tanh",
        "Clip",
        "Dropout",
        "Identity",
        "QuantizeLinear",
        "DequantizeLinear",
    ];

    /// <summary>Operators that may lie between the feature map and the logits.</summary>
    public static readonly HashSet<string> All =
    [
        .. Activations,
        "GlobalAveragePool",
        "GlobalMaxPool",
        "AveragePool",
        "MaxPool",
        "ReduceMean",
        "ReduceMax",
        "Flatten",
        "Reshape",
        "Squeeze",
        "Unsqueeze",
        "Gemm",
        "MatMul",
        "Add",
        "Mul",
        "Sub",
        "Div",
        "PRelu",
        "Max",
        "Min",
        "Softmax",
        "LogSoftmax",
        "LayerNormalization",
        "BatchNormalization",
        "Transpose",
        "Cast",
        "FastGelu",
        "QuickGelu",
        "BiasGelu",
        "Erf",
        "Exp",
        "Neg",
        "Sqrt",
        "Pow",
    ];

    /// <summary>Fully connected layers on bytes, which need other nodes around them than a product and a sum.</summary>
    public static readonly HashSet<string> QuantizedProducts =
    [
        "MatMulInteger",
        "QLinearMatMul",
        "QGemm",
        "DynamicQuantizeMatMul",
        "MatMulIntegerToFloat",
        "FusedGemm",
        "FusedMatMul",
    ];

    /// <summary>Operators that average or maximize over height and width.</summary>
    public static readonly HashSet<string> Pools =
    [
        "GlobalAveragePool",
        "GlobalMaxPool",
        "AveragePool",
        "MaxPool",
        "ReduceMean",
        "ReduceMax",
    ];
}
