using System.Buffers.Binary;
using System.Numerics;

namespace Graft.Training.Weights;

/// <summary>
/// Executes a pickle (Python's pickletools, protocols 2 to 5) that holds only data. Names of classes and functions are
/// compared with a fixed list (<see cref="TorchGlobals"/>) and never looked up. All others are refused by name. There
/// is no recursion, and every opcode makes at most one object.
/// </summary>
internal sealed class Unpickler
{
    /// <summary>Most opcodes of a pickle. A network of ten thousand tensors takes 300,000.</summary>
    private const int MaximumOpcodes = 1_000_000;
    private const int MaximumIntegerLength = 256;
    private readonly PickleReader _reader;
    private readonly PickleStack _stack;

    private Unpickler(PickleReader reader) => (_reader, _stack) = (reader, new(reader));

    /// <summary>Reads the object that a pickle describes, and leaves the reader behind the pickle.</summary>
    /// <exception cref="WeightFileException">The pickle is damaged, or holds something other than data.</exception>
    public static object? Read(PickleReader reader)
    {
        Unpickler unpickler = new(reader);
        for (int count = 0; count < MaximumOpcodes; count++)
        {
            byte opcode = reader.ReadByte();
            reader.Opcode = opcode;
            if (opcode == (byte)'.')
            {
                return unpickler._stack.Pop();
            }

            if (
                !unpickler.ExecuteValue(opcode)
                && !unpickler.ExecuteContainer(opcode)
                && !unpickler.ExecuteName(opcode)
            )
            {
                throw reader.Refuse(
                    "is not an opcode of pickle protocols 2 to 5; save the weights again with torch.save"
                );
            }
        }

        throw reader.Refuse($"has more than {MaximumOpcodes} opcodes");
    }

    private bool ExecuteValue(byte opcode)
    {
        switch (opcode)
        {
            case 0x80: // PROTO
                CheckProtocol(_reader.ReadByte());
                return true;
            case 0x95: // FRAME, a hint for readers that read ahead
                _reader.ReadNumber(8);
                return true;
            case (byte)'N':
                return _stack.Push(null);
            case 0x88:
                return _stack.Push(true);
            case 0x89:
                return _stack.Push(false);
            case (byte)'K': // BININT1
                return _stack.Push(_reader.ReadNumber(1));
            case (byte)'M': // BININT2
                return _stack.Push(_reader.ReadNumber(2));
            case (byte)'J': // BININT
                return _stack.Push((long)(int)_reader.ReadNumber(4));
            case 0x8a: // LONG1
                return PushInteger(_reader.ReadNumber(1));
            case 0x8b: // LONG4
                return PushInteger((int)_reader.ReadNumber(4));
            case (byte)'G': // BINFLOAT
                return _stack.Push(BinaryPrimitives.ReadDoubleBigEndian(_reader.ReadBytes(8)));
            default:
                return ExecuteText(opcode);
        }
    }

    private bool ExecuteText(byte opcode) =>
        opcode switch
        {
            (byte)'X' => _stack.Push(_reader.ReadText(_reader.ReadNumber(4))), // BINUNICODE
            0x8c => _stack.Push(_reader.ReadText(_reader.ReadNumber(1))), // SHORT_BINUNICODE
            0x8d => _stack.Push(_reader.ReadText(_reader.ReadNumber(8))), // BINUNICODE8
            // BINSTRING, a str of Python 2, for names in old checkpoints
            (byte)'T' => _stack.Push(_reader.ReadText((int)_reader.ReadNumber(4))),
            (byte)'U' => _stack.Push(_reader.ReadText(_reader.ReadNumber(1))), // SHORT_BINSTRING
            (byte)'B' => _stack.Push(_reader.ReadBytes(_reader.ReadNumber(4))), // BINBYTES
            (byte)'C' => _stack.Push(_reader.ReadBytes(_reader.ReadNumber(1))), // SHORT_BINBYTES
            0x8e => _stack.Push(_reader.ReadBytes(_reader.ReadNumber(8))), // BINBYTES8
            _ => false,
        };

    private bool ExecuteContainer(byte opcode)
    {
        switch (opcode)
        {
            case (byte)'(':
                _stack.Mark();
                return true;
            case (byte)'}':
                return _stack.Push(new PickleDictionary());
            case (byte)']':
                return _stack.Push(new List<object?>());
            case (byte)')':
                return _stack.Push(Array.Empty<object?>());
            case (byte)'t': // TUPLE
                return _stack.Push(_stack.PopToMark());
            case 0x85 or 0x86 or 0x87: // TUPLE1 to TUPLE3
                return _stack.Push(_stack.Pop(opcode - 0x84));
            case (byte)'a': // APPEND
                return _stack.Append(_stack.Pop(1));
            case (byte)'e': // APPENDS
                return _stack.Append(_stack.PopToMark());
            case (byte)'s': // SETITEM
                return _stack.SetItems(_stack.Pop(2));
            case (byte)'u': // SETITEMS
                return _stack.SetItems(_stack.PopToMark());
            case (byte)'l': // LIST
                return _stack.Push(new List<object?>(_stack.PopToMark()));
            case (byte)'d': // DICT
                object?[] items = _stack.PopToMark();
                _stack.Push(new PickleDictionary());
                return _stack.SetItems(items);
            default:
                return ExecuteMemo(opcode);
        }
    }

    private bool ExecuteMemo(byte opcode)
    {
        switch (opcode)
        {
            case (byte)'q': // BINPUT
                _stack.Store(_reader.ReadNumber(1));
                return true;
            case (byte)'r': // LONG_BINPUT
                _stack.Store(_reader.ReadNumber(4));
                return true;
            case 0x94: // MEMOIZE
                _stack.Store();
                return true;
            case (byte)'h': // BINGET
                return _stack.Push(_stack.Recall(_reader.ReadNumber(1)));
            case (byte)'j': // LONG_BINGET
                return _stack.Push(_stack.Recall(_reader.ReadNumber(4)));
            case (byte)'0': // POP
                _stack.Pop();
                return true;
            case (byte)'1': // POP_MARK
                _stack.PopToMark();
                return true;
            case (byte)'2': // DUP
                return _stack.Push(_stack.Peek());
            default:
                return false;
        }
    }

    private bool ExecuteName(byte opcode)
    {
        switch (opcode)
        {
            case (byte)'c': // GLOBAL
                string module = _reader.ReadLine();
                return _stack.Push(TorchGlobals.Find(_reader, module, _reader.ReadLine()));
            case 0x93: // STACK_GLOBAL
                object?[] names = _stack.Pop(2);
                return _stack.Push(TorchGlobals.Find(_reader, names[0] as string ?? "?", names[1] as string ?? "?"));
            case (byte)'i': // INST
                throw TorchGlobals.Refuse(_reader, _reader.ReadLine(), _reader.ReadLine());
            case (byte)'R': // REDUCE
                object?[] call = _stack.Pop(2);
                return _stack.Push(TorchGlobals.Call(_reader, call[0], call[1]));
            case (byte)'Q': // BINPERSID
                return _stack.Push(FindStorage(_stack.Pop()));
            case (byte)'b': // BUILD sets a state_dict's attribute with the versions of its modules: skipped
                object?[] built = _stack.Pop(2);
                return built is [PickleDictionary, PickleDictionary]
                    ? _stack.Push(built[0])
                    : throw _reader.Refuse(
                        $"sets the state of {TorchGlobals.Describe(built[0])}; only dictionaries of tensors are read"
                    );
            case 0x81 or 0x92 or (byte)'o': // NEWOBJ, NEWOBJ_EX, OBJ
                PickleGlobal? type = _stack.LastGlobal();
                throw _reader.Refuse($"makes an object of {type}; only dictionaries of tensors are read");
            case 0x82 or 0x83 or 0x84: // EXT1, EXT2, EXT4
                throw _reader.Refuse(
                    "names a class by a number of Python's extension registry; only tensors and plain data are read"
                );
            default:
                return false;
        }
    }

    private TorchStorage FindStorage(object? id)
    {
        TorchStorage storage = TorchGlobals.Storage(_reader, id);
        if (!_reader.Storages.TryAdd(storage.Key, storage) && _reader.Storages[storage.Key].Type != storage.Type)
        {
            throw _reader.Refuse($"storage '{storage.Key}' has two element types; the file is damaged");
        }

        return storage;
    }

    private void CheckProtocol(byte protocol)
    {
        if (protocol is < 2 or > 5)
        {
            throw _reader.Refuse($"has pickle protocol {protocol}; 2 to 5 are read");
        }
    }

    private bool PushInteger(long length)
    {
        if (length is < 0 or > MaximumIntegerLength)
        {
            throw _reader.Refuse($"has an integer of {length} bytes; at most {MaximumIntegerLength} are read");
        }

        BigInteger value = new(_reader.ReadBytes(length));
        return value >= long.MinValue && value <= long.MaxValue ? _stack.Push((long)value) : _stack.Push(value);
    }
}
