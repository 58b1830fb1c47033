namespace Graft.Training;

/// <summary>Rule that turns gradients into steps.</summary>
public enum OptimizerKind
{
    /// <summary>Stochastic gradient descent with Nesterov momentum 0.9 (Sutskever et al. 2013, section 2).</summary>
    Sgd,

    /// <summary>RMSprop, smoothing 0.9 (Tieleman and Hinton 2012).</summary>
    RmsProp,

    /// <summary>Adam (Kingma and Ba 2015).</summary>
    Adam,

    /// <summary>Adam with decoupled weight decay (Loshchilov and Hutter 2019).</summary>
    AdamW,
}
