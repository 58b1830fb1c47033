using Graft.Onnx;

namespace Graft.AspNetCore;

/// <summary>The network of a model has no feature maps, so no place of an image can be shown.</summary>
public sealed class NoExplanationException : GraftException
{
    internal NoExplanationException(OnnxException reason)
        : base(reason.Message, reason) { }
}
