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
    private readonly List<object?> _stack = [];
    private readonly Stack<int> _marks = [];
    private readonly Dictionary<long, object?> _memo = [];

    private Unpickler(PickleReader reader) => _reader = reader;

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
                return unpickler.Pop();
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
                return Push(null);
            case 0x88:
                return Push(true);
            case 0x89:
                return Push(false);
            case (byte)'K': // BININT1
                return Push(_reader.ReadNumber(1));
            case (byte)'M': // BININT2
                return Push(_reader.ReadNumber(2));
            case (byte)'J': // BININT
                return Push((long)(int)_reader.ReadNumber(4));
            case 0x8a: // LONG1
                return PushInteger(_reader.ReadNumber(1));
            case 0x8b: // LONG4
                return PushInteger((int)_reader.ReadNumber(4));
            case (byte)'G': // BINFLOAT
                return Push(BinaryPrimitives.ReadDoubleBigEndian(_reader.ReadBytes(8)));
            default:
                return ExecuteText(opcode);
        }
    }

    private bool ExecuteText(byte opcode) =>
        opcode switch
        {
            (byte)'X' => Push(_reader.ReadText(_reader.ReadNumber(4))), // BINUNICODE
            0x8c => Push(_reader.ReadText(_reader.ReadNumber(1))), // SHORT_BINUNICODE
            0x8d => Push(_reader.ReadText(_reader.ReadNumber(8))), // BINUNICODE8
            // BINSTRING, a str of Python 2, for names in old checkpoints
            (byte)'T' => Push(_reader.ReadText((int)_reader.ReadNumber(4))),
            (byte)'U' => Push(_reader.ReadText(_reader.ReadNumber(1))), // SHORT_BINSTRING
            (byte)'B' => Push(_reader.ReadBytes(_reader.ReadNumber(4))), // BINBYTES
            (byte)'C' => Push(_reader.ReadBytes(_reader.ReadNumber(1))), // SHORT_BINBYTES
            0x8e => Push(_reader.ReadBytes(_reader.ReadNumber(8))), // BINBYTES8
            _ => false,
        };

    private bool ExecuteContainer(byte opcode)
    {
        switch (opcode)
        {
            case (byte)'(':
                _marks.Push(_stack.Count);
                return true;
            case (byte)'}':
                return Push(new PickleDictionary());
            case (byte)']':
                return Push(new List<object?>());
            case (byte)')':
                return Push(Array.Empty<object?>());
            case (byte)'t': // TUPLE
                return Push(PopToMark());
            case 0x85 or 0x86 or 0x87: // TUPLE1 to TUPLE3
                return Push(Pop(opcode - 0x84));
            case (byte)'a': // APPEND
                return Append(Pop(1));
            case (byte)'e': // APPENDS
                return Append(PopToMark());
            case (byte)'s': // SETITEM
                return SetItems(Pop(2));
            case (byte)'u': // SETITEMS
                return SetItems(PopToMark());
            case (byte)'l': // LIST
                return Push(new List<object?>(PopToMark()));
            case (byte)'d': // DICT
                object?[] items = PopToMark();
                Push(new PickleDictionary());
                return SetItems(items);
            default:
                return ExecuteMemo(opcode);
        }
    }

    private bool ExecuteMemo(byte opcode)
    {
        switch (opcode)
        {
            case (byte)'q': // BINPUT
                _memo[_reader.ReadNumber(1)] = Peek();
                return true;
            case (byte)'r': // LONG_BINPUT
                _memo[_reader.ReadNumber(4)] = Peek();
                return true;
            case 0x94: // MEMOIZE
                _memo[_memo.Count] = Peek();
                return true;
            case (byte)'h': // BINGET
                return Push(Recall(_reader.ReadNumber(1)));
            case (byte)'j': // LONG_BINGET
                return Push(Recall(_reader.ReadNumber(4)));
            case (byte)'0': // POP
                Pop();
                return true;
            case (byte)'1': // POP_MARK
                PopToMark();
                return true;
            case (byte)'2': // DUP
                return Push(Peek());
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
                return Push(TorchGlobals.Find(_reader, module, _reader.ReadLine()));
            case 0x93: // STACK_GLOBAL
                object?[] names = Pop(2);
                return Push(TorchGlobals.Find(_reader, names[0] as string ?? "?", names[1] as string ?? "?"));
            case (byte)'i': // INST
                throw TorchGlobals.Refuse(_reader, _reader.ReadLine(), _reader.ReadLine());
            case (byte)'R': // REDUCE
                object?[] call = Pop(2);
                return Push(TorchGlobals.Call(_reader, call[0], call[1]));
            case (byte)'Q': // BINPERSID
                return Push(FindStorage(Pop()));
            case (byte)'b': // BUILD sets a state_dict's attribute with the versions of its modules: skipped
                object?[] built = Pop(2);
                return built is [PickleDictionary, PickleDictionary]
                    ? Push(built[0])
                    : throw _reader.Refuse(
                        $"sets the state of {TorchGlobals.Describe(built[0])}; only dictionaries of tensors are read"
                    );
            case 0x81 or 0x92 or (byte)'o': // NEWOBJ, NEWOBJ_EX, OBJ
                PickleGlobal? type = _stack.OfType<PickleGlobal>().LastOrDefault();
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
        return value >= long.MinValue && value <= long.MaxValue ? Push((long)value) : Push(value);
    }

    private bool Append(object?[] items)
    {
        if (Peek() is not List<object?> list)
        {
            throw _reader.Refuse("appends to something that is not a list; the file is damaged");
        }

        list.AddRange(items);
        return true;
    }

    private bool SetItems(object?[] items)
    {
        if (Peek() is not PickleDictionary dictionary || items.Length % 2 != 0)
        {
            throw _reader.Refuse("sets items of something that is not a dictionary; the file is damaged");
        }

        for (int i = 0; i < items.Length; i += 2)
        {
            dictionary.Set(items[i], items[i + 1]);
        }

        return true;
    }

    private bool Push(object? value)
    {
        _stack.Add(value);
        return true;
    }

    private object? Recall(long index) =>
        _memo.TryGetValue(index, out object? value)
            ? value
            : throw _reader.Refuse($"recalls object {index}, which was never stored; the file is damaged");

    private object? Peek() => _stack.Count > Floor ? _stack[^1] : throw Underflow();

    private object? Pop()
    {
        object? top = Peek();
        _stack.RemoveAt(_stack.Count - 1);
        return top;
    }

    private object?[] Pop(int count)
    {
        if (_stack.Count - count < Floor)
        {
            throw Underflow();
        }

        object?[] items = [.. _stack[^count..]];
        _stack.RemoveRange(_stack.Count - count, count);
        return items;
    }

    private object?[] PopToMark()
    {
        if (_marks.Count == 0)
        {
            throw _reader.Refuse("has no mark on the stack; the file is damaged");
        }

        object?[] items = Pop(_stack.Count - Floor);
        _marks.Pop();
        return items;
    }

    /// <summary>Index of the last mark: items below it may not be popped.</summary>
    private int Floor => _marks.TryPeek(out int mark) ? mark : 0;

    private WeightFileException Underflow() => _reader.Refuse("pops from an empty stack; the file is damaged");
}
