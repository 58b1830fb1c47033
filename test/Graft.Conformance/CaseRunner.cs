using Graft.Onnx;

namespace Graft.Conformance;

/// <summary>Runs cases and turns their exceptions into verdicts.</summary>
internal static class CaseRunner
{
    public static Verdict Run(ConformanceCase one, Engine engine)
    {
        try
        {
            return one.Run(engine);
        }
        catch (RefusedException refused)
        {
            return Verdict.Refused(refused.Message);
        }
        catch (OnnxException refused) when (refused.InnerException is null)
        {
            // A deliberate refusal. With an inner exception, a node broke while it ran.
            return Verdict.Refused(refused.Message);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            string reason = error is GraftException ? error.Message : $"{error.GetType().Name}: {error.Message}";
            return Verdict.Failed(reason.ReplaceLineEndings(" "));
        }
    }
}

/// <summary>The error of a case that needs something which this program or its engine lacks.</summary>
internal sealed class RefusedException(string reason) : Exception(reason);
