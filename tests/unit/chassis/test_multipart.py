"""A form is read as it comes: whole parts or an error, and never more than a chunk."""

from contextlib import nullcontext

import pytest
from starlette.requests import ClientDisconnect

from chassis.multipart import (
    HEADER_BYTES,
    MOST_PARTS,
    SEMICOLONS,
    MultipartError,
    MultipartReader,
    PartTooLargeError,
)

KIND = "multipart/form-data; boundary=b"
FORM = (
    b'--b\r\nContent-Disposition: form-data; name="csrf"\r\n\r\nt\xe1\xba\xa5m\r\n'
    b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n'
    b"Content-Type: application/pdf\r\n\r\n%PDF\r\n--c\r\n%%EOF\r\n"
    b'--b\r\nContent-Disposition: form-data; name="file"; filename=""\r\n\r\n\r\n'
    b"--b--\r\n"
)


def reader(body, step=1, kind=KIND):
    return MultipartReader(kind, pieces(body, step))


async def pieces(body, step):
    for at in range(0, len(body), step):
        yield body[at : at + step]


async def whole(form):
    return b"".join([chunk async for chunk in form.content()])


async def everything(form):
    found = []
    while (part := await form.next_part()) is not None:
        found.append((part.name, part.file_name, await whole(form)))
    return found


@pytest.mark.parametrize("step", [1, 2, 7, 64, 10_000])
async def test_a_form_is_the_same_however_it_is_cut(step):
    """Parts, names and bytes do not depend on how the network cut the body."""
    assert await everything(reader(FORM, step)) == [
        ("csrf", None, "tấm".encode()),
        ("file", "a.pdf", b"%PDF\r\n--c\r\n%%EOF"),
        ("file", "", b""),
    ]


@pytest.mark.parametrize("step", [1, 10_000])
async def test_what_is_not_read_is_passed_over(step):
    """The next part is given, whether the one before was read, begun or left alone."""
    form = reader(FORM, step)
    names = []
    while (part := await form.next_part()) is not None:
        names.append(part.name)
        if part.file_name == "a.pdf":
            assert (await anext(form.content()))[:1] == b"%"
    assert names == ["csrf", "file", "file"]


async def test_a_part_that_was_read_has_nothing_more():
    """Asking twice does not run on into the next part."""
    form = reader(FORM, 10_000)
    await form.next_part()
    assert await form.text(most_bytes=100) == "tấm"
    assert await form.text(most_bytes=100) == ""
    part = await form.next_part()
    assert part is not None
    assert part.file_name == "a.pdf"


@pytest.mark.parametrize("last", [b"t\xe1", b"%PD", b"%PDF\r\n--", b"%%EOF"])
async def test_a_part_that_breaks_off_is_no_part(last):
    """A body that ends inside a part raises: half a file is never taken for one."""
    cut = FORM[: FORM.index(last) + len(last)]
    with pytest.raises(MultipartError, match="middle of a part"):
        await everything(reader(cut, 16))


async def test_a_sender_who_leaves_is_a_broken_form():
    """The disconnect becomes the same error as any other body that is cut."""

    async def leaves():
        yield FORM[:100]
        raise ClientDisconnect

    form = MultipartReader(KIND, leaves())
    with pytest.raises(MultipartError):
        await everything(form)


@pytest.mark.parametrize(
    "kind",
    [
        "",
        "application/pdf",
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/mixed; boundary=b",
        f"multipart/form-data; boundary={'x' * 257}",
    ],
)
def test_what_is_no_form_is_refused_before_a_byte_is_read(kind):
    """Another type, no boundary, or one that the parser does not take."""
    with pytest.raises(MultipartError):
        reader(FORM, kind=kind)


async def test_junk_is_refused():
    """Bytes that are no form raise, whatever the header promised."""
    with pytest.raises(MultipartError):
        await everything(reader(b"junk without a boundary", 5))


async def test_a_field_is_bounded():
    """As many bytes as allowed are text, one more is an error."""
    for most, refused in ((5, False), (4, True)):
        form = reader(FORM, 2)
        await form.next_part()
        if not refused:
            assert await form.text(most_bytes=most) == "tấm"
            continue
        with pytest.raises(PartTooLargeError):
            await form.text(most_bytes=most)


async def test_headers_are_bounded_together():
    """Many headers of usual length may not hold more than one long one may."""
    line = b"X: " + b"y" * 3000 + b"\r\n"
    many = b"--b\r\n" + line * (HEADER_BYTES // 3000 + 1) + b"\r\nz\r\n--b--\r\n"
    with pytest.raises(PartTooLargeError):
        await everything(reader(many, 4096))
    few = b"--b\r\n" + line * 4 + b"\r\nz\r\n--b--\r\n"
    assert await everything(reader(few, 4096)) == [("", None, b"z")]


async def test_draining_ends_by_itself():
    """The rest is read, so that the browser hears an answer, but not without end."""
    taken = []

    async def counted():
        for _ in range(1000):
            taken.append(1)
            yield b"x" * 10

    form = MultipartReader(KIND, counted())
    await form.drain(most_bytes=95)
    assert len(taken) == 10


@pytest.mark.parametrize("value", ['"{}"', "a{}", "{}"])
async def test_a_name_is_not_parsed_for_long(value):
    """Each semicolon costs its share of everybody's time, in quotes or not."""
    for count, refused in ((SEMICOLONS - 1, False), (SEMICOLONS + 1, True)):
        named = b"form-data; name=" + value.format(";" * count).encode()
        form = reader(b"--b\r\nContent-Disposition: %b\r\n\r\nx\r\n--b--" % named, 999)
        with pytest.raises(PartTooLargeError) if refused else nullcontext():
            assert await form.next_part() is not None


async def test_parts_are_counted_whatever_their_names():
    """A thousand of one name are a thousand; also those that nobody reads."""
    part = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n'
    assert (
        len(await everything(reader(part * MOST_PARTS + b"--b--", 999))) == MOST_PARTS
    )
    with pytest.raises(PartTooLargeError):
        await everything(reader(part * (MOST_PARTS + 1) + b"--b--", 999))
