// Inside Graft.Training, 'Network' is the room of TorchGraph.
global using OnnxSession = Graft.Onnx.OnnxSession;
