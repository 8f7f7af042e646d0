"""Small ONNX models, written field by field (onnx.proto): what a test needs and no model has."""

import struct

FLOAT, INT64, BOOL = 1, 7, 9


def varint(v):
    v &= (1 << 64) - 1  # a negative number is its two's complement
    out = b""
    while v >= 0x80:
        out += bytes([v & 0x7F | 0x80])
        v >>= 7
    return out + bytes([v])


def message(*fields):
    """(number, value): an int is a varint, a float has 32 bits, text and bytes are length-delimited."""
    out = b""
    for number, value in fields:
        if isinstance(value, int):
            out += varint(number << 3) + varint(value)
        elif isinstance(value, float):
            out += varint(number << 3 | 5) + struct.pack("<f", value)
        else:
            value = value.encode() if isinstance(value, str) else value
            out += varint(number << 3 | 2) + varint(len(value)) + value
    return out


def port(name, element_type, dims):
    """ValueInfoProto; a dim is a number or a name; dims None: not even the rank is known."""
    shape = b"".join(message((1, message((2 if isinstance(d, str) else 1, d)))) for d in dims or ())
    return message((1, name), (2, message((1, message((1, element_type), *([(2, shape)] if dims is not None else []))))))


def node(op, inputs, outputs, name="", domain="", **attributes):
    return message(*[(1, i) for i in inputs], *[(2, o) for o in outputs], (3, name or op.lower()), (4, op),
                   *[(5, attribute(k, v)) for k, v in attributes.items()], *([(7, domain)] if domain else []))


def model(nodes, inputs, outputs, opset=17, metadata=(), initializers=(), domains=()):
    graph = message(*[(1, n) for n in nodes], (2, "tiny"), *[(5, i) for i in initializers],
                    *[(11, i) for i in inputs], *[(12, o) for o in outputs])
    return message((1, 8), (7, graph), (8, message((2, opset))),
                   *[(8, message((1, d), (2, v))) for d, v in domains],
                   *[(14, message((1, k), (2, v))) for k, v in metadata])


def add(element_type=FLOAT, dims=(2,)):
    """c = a + b"""
    return model([node("Add", ["a", "b"], ["c"])],
                 [port("a", element_type, dims), port("b", element_type, dims)], [port("c", element_type, dims)])


def tensor_proto(array, element_type):
    return message(*[(1, d) for d in array.shape], (2, element_type), (9, array.tobytes()))


def initializer(name, dims, element_type=FLOAT, raw=None, **external):
    """With raw bytes, or with external data: location=, offset=, length=."""
    data = [(9, raw)] if raw is not None else []
    data += [(13, message((1, k), (2, str(v)))) for k, v in external.items()] + ([(14, 1)] if external else [])
    return message(*[(1, d) for d in dims], (2, element_type), (8, name), *data)


def attribute(name, value):
    """An int, a float, a text, a list of ints or of texts, or bytes: a graph from body()."""
    if isinstance(value, bytes):
        return message((1, name), (6, value), (20, 5))
    if isinstance(value, int):
        return message((1, name), (3, value), (20, 2))
    if isinstance(value, float):
        return message((1, name), (2, value), (20, 1))
    if isinstance(value, str):
        return message((1, name), (4, value), (20, 3))
    text = bool(value) and isinstance(value[0], str)
    return message((1, name), *[(9 if text else 8, v) for v in value], (20, 8 if text else 7))


def body(nodes, inputs, outputs, initializers=()):
    """A GraphProto for an attribute."""
    return message(*[(1, n) for n in nodes], (2, "body"), *[(5, i) for i in initializers],
                   *[(11, i) for i in inputs], *[(12, o) for o in outputs])


def sequence_port(name, element_type):
    """ValueInfoProto of a sequence of tensors."""
    return message((1, name), (2, message((4, message((1, message((1, message((1, element_type))))))))))


def optional_port(name, element_type):
    return message((1, name), (2, message((9, message((1, message((1, message((1, element_type))))))))))


def sequence_proto(tensors):
    """SequenceProto of TensorProtos."""
    return message((1, "s"), (2, 1), *[(3, t) for t in tensors])


def optional_proto(tensor=None):
    return message((2, 1), *([(3, tensor)] if tensor is not None else []))
