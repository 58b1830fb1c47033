namespace Graft.Training.Weights;

internal static class KerasKernels
{
}
