"""Small files that are made to cost much: what nobody brings who wants a copy checked.

Each family bends one thing that a search of strange bytes may do too often: read one
string many times, unpack without end, follow a chain, try each beginning of a set. A
seed chooses sizes and mixtures, so a thousand files are a thousand lines of no table.
"""

import random
import zlib
from collections.abc import Callable, Iterator
from typing import Final

SEED: Final = 8
FILES: Final = 1_000
MOST_BYTES: Final = 24 << 20
"""Of one file: as large as a long scan."""
HEADER: Final = b"%PDF-1.7\n%\xbf\xf7\xa2\xfe\n"
END: Final = b"\nstartxref\n0\n%%EOF\n"
NAMED: Final = bytes.fromhex("060b2a864886f70d010910022f")
"""The attribute that names a signer (RFC 5035)."""

Made = Callable[[random.Random], bytes]


def files(count: int = FILES, seed: int = SEED) -> Iterator[tuple[str, bytes]]:
    """Named files, each family in turn."""
    chance = random.Random(seed)
    families = list(FAMILIES.items())
    for number in range(count):
        name, make = families[number % len(families)]
        yield f"{name}-{number}", make(chance)


def _size(chance: random.Random, most: int) -> int:
    """Many small ones and some of full size."""
    return max(1, int(most * chance.random() ** 3))


def _pdf(*parts: bytes) -> bytes:
    return HEADER + b"".join(parts) + END


def _stream(body: bytes, keys: bytes = b"") -> bytes:
    head = b"4 0 obj\n<</Filter/FlateDecode%b/Length %d>>\nstream\n"
    return head % (keys, len(body)) + body + b"\nendstream\nendobj\n"


def _packed(body: bytes, keys: bytes = b"") -> bytes:
    return _stream(zlib.compress(body, 9), keys)


def _maybe_packed(chance: random.Random, body: bytes) -> bytes:
    """As it stands, in one stream, or in many."""
    way = chance.randrange(3)
    if way == 0:
        return _pdf(body)
    if way == 1:
        return _pdf(_packed(body[: 8 << 20]))
    part = _packed(body[: 1 << 18], chance.choice([b"", b"/Type/ObjStm"]))
    return _pdf(part * min(6000, chance.randrange(1, 1 + MOST_BYTES // len(part))))


def literals(chance: random.Random) -> bytes:
    """Strings that begin within one another, and then one escape after another."""
    filling = chance.choice([b"\\1", b"\\12", b"\\\\", b"\\\r\n", b"(", b"\\(", b"a"])
    opened = b"/Contents" + b" " * chance.randrange(3) + b"("
    times = chance.choice([1, 200, 5000, 100_000])
    rest = filling * _size(chance, 1 << 21)
    if chance.random() < 0.3:
        return _maybe_packed(chance, (opened + rest[:70]) * min(times, 60_000))
    return _maybe_packed(chance, opened * times + rest)


def hexadecimal(chance: random.Random) -> bytes:
    digits = chance.choice([b"0", b"0 ", b"a0", NAMED.hex().encode(), b"\n"])
    run = b"<" + digits * _size(chance, 1 << chance.choice([8, 9, 14, 21]))
    return _maybe_packed(chance, run * min(300_000, 1 + (8 << 20) // len(run)))


def opened(chance: random.Random) -> bytes:
    """One character over and over: each could begin something."""
    letter = chance.choice([b"<", b"/", b"(", b"\n", b" ", b"[", b"<<", b"%", b"\\"])
    return _maybe_packed(chance, letter * _size(chance, 16 << 20))


def words(chance: random.Random) -> bytes:
    """A word that a search looks for, over and over."""
    word = chance.choice(
        [
            b"stream\n",
            b"stream\nx\x01",
            b"stream\r\nx\x9c",
            b"/Contents",
            b"/Encrypt",
            b"/Encrypt 1 1 ",
            b"/ByteRange",
            b"/ByteRange[0 1 2 3]",
            b"/ByteRange[0 ",
            b"/#42yteRang",
            b"\nendobj\n",
            b" 00000 n \n",
            b"%%EOF\n",
            b"startxref\n0\n%%EOF\n",
            b"obj",
        ]
    )
    return _maybe_packed(chance, word * (1 + _size(chance, 8 << 20) // len(word)))


def sets(chance: random.Random) -> bytes:
    """Sets in sets before the attribute that names a signer (X.690)."""
    tag = chance.choice([b"\xa0", b"\x31", b"\x30"])
    lengths = [
        b"\x80",
        b"\x82\x08\x00",
        b"\x81\xff",
        b"\x02",
        b"\x00",
        b"\x83\x0f\xff\xff",
    ]
    before = (tag + chance.choice(lengths)) * chance.randrange(1, 1100)
    inside = chance.choice(
        [b"\x05\x00" * 900, b"\x30\x00" * 900, b"\x31\x82\x04\x00" * 99]
    )
    place = before + NAMED + inside
    return _maybe_packed(chance, place * (1 + _size(chance, 4 << 20) // len(place)))


def chosen(chance: random.Random) -> bytes:
    """Well-formed attributes that name somebody, with nothing that is signed."""
    digest = chance.randbytes(32)
    named = NAMED + bytes.fromhex("312630243022 3020 0420".replace(" ", "")) + digest
    place = b"\xa0\x10" * chance.randrange(1, 1000) + named
    return _maybe_packed(chance, place * (1 + _size(chance, 2 << 20) // len(place)))


def nested(chance: random.Random) -> bytes:
    opening = chance.choice([b"[", b"<<", b"<</A", b"[<<", b"(", b"[1 0 R "])
    body = opening * _size(chance, 1 << 20)
    return _pdf(b"1 0 obj\n", body, b"\nendobj\n")


def bombs(chance: random.Random) -> bytes:
    """Unpacks to far more than it is; some twice, some without an end."""
    plain = chance.choice([b"\0", b"<", b"\\1", b"/Contents(", b"stream\nx\x01"])
    body = plain * (_size(chance, 48 << 20) // len(plain))
    packed = zlib.compress(body, 9)
    if chance.random() < 0.3:
        packed = zlib.compress(packed, 9)
    if chance.random() < 0.3:
        packed = packed[: len(packed) // 2]
    copies = min(chance.choice([1, 1, 30, 3000]), 1 + (4 << 20) // (len(packed) + 60))
    return _pdf(_stream(packed) * copies)


def stalled(chance: random.Random) -> bytes:
    """Streams that begin in one another and bring forth nothing (RFC 1951 §3.2.4)."""
    empty = b"\x00\x00\x00\xff\xff"
    first = b"stream\nx\x01" * chance.choice([1, 100, 5000])
    return _pdf(first, empty * _size(chance, 2 << 20))


def objects(chance: random.Random) -> bytes:
    """Many small objects and a table that is right, as the dialect writes them."""
    count = chance.choice([10, 1000, 48_000])
    text = chance.choice([b"<<>>", b"null", b"[" + b"1 0 R " * 50 + b"]"])
    out, offsets = bytearray(HEADER), []
    for number in range(1, count + 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, text)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (count + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer << /Info 2 0 R /Root 1 0 R /Size %d /ID [<00><00>] >>" % (
        count + 1
    )
    return bytes(out + b"\nstartxref\n%d\n%%%%EOF\n" % table)


def chains(chance: random.Random) -> bytes:
    """Tables that lead to one another, in a circle or without an end."""
    out = bytearray(HEADER)
    for _ in range(chance.choice([2, 7, 500, 5000])):
        at = len(out)
        before = chance.choice([at, 0, max(0, at - 90), 10**9])
        out += b"xref\n0 1\n0000000000 65535 f \ntrailer <</Size 1/Root 1 0 R"
        out += b"/Prev %d>>\nstartxref\n%d\n%%%%EOF\n" % (before, at)
    return bytes(out)


def numbers(chance: random.Random) -> bytes:
    """Numbers without a measure, where one is read."""
    huge = chance.choice([b"9" * 10, b"9" * 5000, b"0" * 100_000, b"-1", b"1e999"])
    return _pdf(
        b"1 0 obj\n<</Length %b/Kids[%b]>>\nstream\n" % (huge, (huge + b" ") * 50),
        b"/ByteRange[0 %b %b %b]/Contents<" % (huge, huge, huge) * 2,
        b"\ntrailer<</Size %b/Prev %b>>" % (huge, huge),
    )


def ranges(chance: random.Random) -> bytes:
    """Signature dictionaries as the dialect writes them, over bytes that grow."""
    times = chance.choice([2, 100, 20_000])
    hole = b"<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached"
    hole += b"/ByteRange[0 %d %d %d]/Contents<" % (
        chance.randrange(1 << 20),
        chance.randrange(1 << 20),
        chance.randrange(1 << 20),
    )
    return _pdf((hole + b"30820400" * chance.choice([1, 60]) + b">>>\n") * times)


def look_alikes(chance: random.Random) -> bytes:
    """The head of another kind of file, and a body that never ends it."""
    head = chance.choice(
        [
            b"PK\x03\x04" + b"\0" * 22 + b"\xff\xff\0\0",
            b"From: a\nTo: b\nSubject: c\n\n",
            b"<!-- " + b"-" * 400,
            b"<!doctype html>",
            b"From " + b"a" * 190,
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
            b"JVBERi0",
            b"A-" * 30 + b":",
            b"%PDF-1.7\n%PDF-",
        ]
    )
    filling = chance.choice([b"PK\x01\x02", b" ", b"\n", b"a:\n", b"<!--", b"JVBERi0"])
    body = filling * (_size(chance, 4 << 20) // len(filling))
    tail = b"PK\x05\x06" + b"\0" * 12 + b"\x04\0\0\0\0\0"
    return head + body + chance.choice([b"", tail, END])


def noise(chance: random.Random) -> bytes:
    """Pieces of all of these, and bytes of no meaning between them."""
    return _pdf(
        b"".join(
            chance.choice(list(FAMILIES.values())[:-1])(chance)[: 1 << 18]
            + chance.randbytes(chance.randrange(1 << 12))
            for _ in range(chance.randrange(2, 9))
        )
    )


FAMILIES: Final[dict[str, Made]] = {
    "literals": literals,
    "hexadecimal": hexadecimal,
    "opened": opened,
    "words": words,
    "sets": sets,
    "chosen": chosen,
    "nested": nested,
    "bombs": bombs,
    "stalled": stalled,
    "objects": objects,
    "chains": chains,
    "numbers": numbers,
    "ranges": ranges,
    "look-alikes": look_alikes,
    "noise": noise,
}
