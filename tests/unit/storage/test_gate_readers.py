"""The gate's readers of DER and of text strings: each form that is none is refused."""

from dataclasses import replace
from hashlib import sha256

import pytest

from storage.domain.gate.cms import der
from storage.domain.gate.pdf import manifests, resources
from storage.domain.gate.pdf.metadata import text_string
from storage.domain.gate.pdf.objects import Obj
from storage.domain.gate.pdf.pinned import has_pin, pin_of
from storage.domain.gate.refusal import Refused
from storage.domain.gate.windows import windows

LONG = bytes(range(200))


@pytest.mark.parametrize(
    ("data", "node"),
    [
        (b"\x04\x00", (4, 0, 2, 2)),
        (b"\x04\x03abc", (4, 0, 2, 5)),
        (b"\x04\x7f" + LONG[:127], (4, 0, 2, 129)),
        (b"\x04\x81\x80" + LONG[:128], (4, 0, 3, 131)),
        (b"\x04\x82\x01\x00" + bytes(256), (4, 0, 4, 260)),
        (b"\x04\x83\x01\x00\x00" + bytes(65536), (4, 0, 5, 65541)),
    ],
)
def test_an_element_is_read_with_the_shortest_length(data, node):
    """Tag, start, start of the content, end; up to three octets of length."""
    assert der.element(data, 0, len(data)) == node
    assert der.element(b"\x30\x00" + data, 2, 2 + len(data)) == (
        node[0],
        *(place + 2 for place in node[1:]),
    )


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x04",
        b"\x04\x01",
        b"\x04\x80\x00\x00",
        b"\x04\x81",
        b"\x04\x82\x01",
        b"\x04\x81\x7f" + LONG[:127],
        b"\x04\x82\x00\x80" + LONG[:128],
        b"\x04\x83\x00\xff\xff" + bytes(65535),
        b"\x04\x84\x01\x00\x00\x00" + bytes(64),
        b"\x04\x84\x00\x00\x00\x40" + bytes(64),
        b"\x04\x81\x81" + LONG[:128],
        b"\x1f\x01\x00",
        b"\xbf\x01\x00",
    ],
)
def test_no_other_form_of_an_element_is_read(data):
    """Cut off, indefinite, longer than needed, too long, or of a high tag."""
    with pytest.raises(Refused) as refused:
        der.element(data, 0, len(data))
    assert refused.value.reason == "cms-der"


def test_an_element_ends_inside_its_parent():
    """What follows the parent is no part of it, though the bytes are there."""
    data = b"\x30\x04\x04\x03abc"
    with pytest.raises(Refused):
        der.inside(data, der.element(data[:6], 0, 6))


@pytest.mark.parametrize("data", [b"\x31\x00", b"\x04\x00", b"\x30\x00\x00"])
def test_a_whole_is_one_sequence_and_nothing_behind_it(data):
    assert der.whole(b"\x30\x00") == (0x30, 0, 2, 2)
    with pytest.raises(Refused) as refused:
        der.whole(data)
    assert refused.value.reason == "cms-der"


def test_children_are_exactly_those_that_are_named():
    """In this order, none more and none less."""
    data = b"\x30\x05\x02\x01\x05\x05\x00"
    box = der.whole(data)
    number, nothing = der.inside(data, box)
    assert der.inside(data, box, der.INTEGER, 5) == [number, nothing]
    assert der.number(data, number) == 5
    assert der.source(data, nothing) == der.NULL
    for tags in ((der.INTEGER,), (5, der.INTEGER), (der.INTEGER, 5, 5)):
        with pytest.raises(Refused) as refused:
            der.inside(data, box, *tags, reason="frame")
        assert refused.value.reason == "frame"


def test_numbers_have_a_sign():
    for octets, number in ((b"\x7f", 127), (b"\x80", -128), (b"\x00\x80", 128)):
        data = bytes([2, len(octets)]) + octets
        assert der.number(data, der.element(data, 0, len(data))) == number


def test_identifiers_are_written_in_base_128():
    """The two of X.690's own example and of RSA."""
    assert der.oid("2.100.3") == b"\xb4\x03"
    assert der.oid("1.2.840.113549.1.1.11") == bytes.fromhex("2a864886f70d01010b")


def test_a_signature_has_no_unused_bits():
    """Else the same signature could be written in two ways."""
    whole = b"\x03\x03\x00ab"
    read = der.element(whole, 0, len(whole))
    assert der.octets_of_bits(whole, read, "bits") == b"ab"
    for other in (b"\x03\x03\x01ab", b"\x04\x03\x00ab", b"\x03\x00"):
        with pytest.raises(Refused):
            der.octets_of_bits(other, der.element(other, 0, len(other)), "bits")


SHA256 = b"\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01"


@pytest.mark.parametrize("parameters", [b"", b"\x05\x00"])
def test_an_algorithm_has_no_parameters_or_null(parameters):
    data = bytes([0x30, len(SHA256 + parameters)]) + SHA256 + parameters
    assert der.algorithm(data, der.whole(data)) == der.oid("2.16.840.1.101.3.4.2.1")


@pytest.mark.parametrize(
    "inside",
    [b"", b"\x05\x00", SHA256 + b"\x05\x00\x05\x00", SHA256 + b"\x30\x00"],
)
def test_no_other_algorithm_is_one(inside):
    data = bytes([0x30, len(inside)]) + inside
    with pytest.raises(Refused) as refused:
        der.algorithm(data, der.whole(data))
    assert refused.value.reason == "cms-algorithm"
    with pytest.raises(Refused):
        der.algorithm(b"\x31\x00", der.element(b"\x31\x00", 0, 2))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (b"(Ban sao)", "Ban sao"),
        (rb"(a\(b\)c\\d)", "a(b)c\\d"),
        (rb"(\101\012)", "A\n"),
        (rb"(\376\377\036\243\000n)", "\u1ea3n"),
        (b"<42616E>", "Ban"),
        (b"<FEFF1EA3006E>", "\u1ea3n"),
        (rb"(a\nb\rc\td)", "a\nb\rc\td"),
    ],
)
def test_a_text_string_is_read_in_both_spellings(value, text):
    """Escapes by letter and by three octal digits; UTF-16 with its mark, or ASCII."""
    assert text_string(value) == text


@pytest.mark.parametrize("value", [b"/Name", b"12", [b"(a)"], {b"/A": b"(a)"}])
def test_what_is_no_string_is_refused(value):
    with pytest.raises(Refused) as refused:
        text_string(value)
    assert refused.value.reason == "info"


@pytest.mark.parametrize(
    "value",
    [
        {b"/Type": b"/Font", b"/OpenAction": b"1"},
        {b"/FontDescriptor": {b"/OpenAction": b"1"}},
        {b"/DescendantFonts": [b"1", {b"/OpenAction": b"1"}]},
        [[{b"/CIDSystemInfo": {b"/W": {b"/OpenAction": b"1"}}}]],
    ],
    ids=["here", "inside", "in a list", "deep"],
)
def test_no_unknown_key_hides_in_what_is_nested(value):
    """However deep a dictionary lies in another or in a list, its keys are named."""
    with pytest.raises(Refused, match=r"unknown-key.*/OpenAction"):
        resources._check_keys(value)


def test_the_colours_of_an_indexed_space_are_those_between_the_brackets():
    """In hexadecimal, from the first digit to the last."""
    indexed = [b"/Indexed", b"/DeviceRGB", b"1", b"<000000ffffff>"]
    assert manifests._space(indexed) == ("Indexed", "000000ffffff")
    assert manifests._space(b"/DeviceGray") == ("DeviceGray", "")
    for wrong in ([b"/Indexed", b"/DeviceRGB", b"1", 7], b"DeviceGray", None, 7):
        with pytest.raises(Refused, match="image"):
            manifests._space(wrong)


@pytest.mark.parametrize("size", [1, 8, 9, 13, 14, 20])
def test_pieces_of_a_file_overlap_and_end_with_it(size):
    """Four bytes lie whole in one piece wherever they begin; no piece brings nothing
    new.
    """
    data = bytes(range(size))
    pieces = list(windows(data, 3, size=8))
    assert [at for at, _ in pieces] == [*range(0, max(1, size - 3), 5)]
    assert all(piece == data[at : at + 8] for at, piece in pieces)
    for begin in range(size - 3):
        assert any(data[begin : begin + 4] in piece for _, piece in pieces)


def group(first, stream, named=None):
    """Two objects that name each other; the second one names *named*, if given."""
    form = (
        b"%d 0 obj\n<</Length %d/Resources %d 0 R>>\nstream\n%b\nendstream\nendobj\n"
        % (first, len(stream), first + 1, stream)
    )
    font = b"%d 0 obj\n<</A %d 0 R>>\nendobj\n" % (first + 1, named or first)
    file = form + font
    return [
        Obj(first, 0, len(form), file),
        Obj(first + 1, len(form), len(file), file),
    ]


PINNED = (
    b"0 0 obj\n<</Length 15/Resources 1 0 R>>\nstream\n%b\nendstream\nendobj\n"
    b"1 0 obj\n<</A 0 0 R>>\nendobj\n"
)
STREAM = b"20 0 R 99 0 R%d"


@pytest.mark.parametrize("first", [1, 20])
def test_a_pin_is_over_numbers_from_nought_and_streams_as_they_are(first):
    """The group is the same one wherever it stands in a copy. Bytes of a stream are no
    references, even where they look like them: of this group, or of none.
    """
    pin = sha256(PINNED.replace(b"%b", STREAM)).hexdigest()
    assert pin_of(group(first, STREAM)) == pin
    assert has_pin(group(first, STREAM), pin)
    assert not has_pin(group(first, STREAM[::-1]), pin)
    assert has_pin(group(first + 1, STREAM), pin)


@pytest.mark.parametrize("number", [19, 22])
def test_no_reference_leaves_a_pinned_group(number):
    """Neither before its first object nor behind its last; nor where the group was met
    before.
    """
    pin = pin_of(group(20, b"q"))
    assert has_pin(group(20, b"q"), pin)
    with pytest.raises(Refused, match="borrowed-object"):
        has_pin(group(20, b"q", number), pin)


@pytest.mark.parametrize("spelled", [b"020 0 R", b"+20 0 R", b"20  0 R", b"20 00 R"])
def test_a_pinned_group_has_one_spelling(spelled):
    """Its objects are compared and not read, so a number has no other form."""
    pin = pin_of(group(20, b"q"))
    bent = [
        replace(obj, data=obj.data.replace(b"/A 20 0 R", b"/A " + spelled))
        for obj in group(20, b"q")
    ]
    last = bent[-1]
    bent[-1] = replace(last, end=len(last.data))
    assert not has_pin(bent, pin)
