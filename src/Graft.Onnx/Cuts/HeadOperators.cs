namespace Graft.Onnx;

/// <summary>The operators that a classifier's head consists of.</summary>
internal static class HeadOperators
{
    /// <summary>Operators that may lie between the feature map and the logits.</summary>
    public static readonly HashSet<string> All =
    [
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
        "Dropout",
        "Identity",
        "Gemm",
        "MatMul",
        "Add",
        "Mul",
        "Sub",
        "Div",
        "Relu",
        "LeakyRelu",
        "PRelu",
        "ThresholdedRelu",
        "Elu",
        "Celu",
        "Selu",
        "Softplus",
        "Softsign",
        "Mish",
        "Swish",
        "Max",
        "Min",
        "Clip",
        "HardSwish",
        "HardSigmoid",
        "Sigmoid",
        "Tanh",
        "Softmax",
        "LogSoftmax",
        "LayerNormalization",
        "BatchNormalization",
        "Transpose",
        "Cast",
        "Gelu",
        "FastGelu",
        "QuickGelu",
        "BiasGelu",
        "Erf",
        "Exp",
        "Neg",
        "Sqrt",
        "Pow",
        "QuantizeLinear",
        "DequantizeLinear",
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
