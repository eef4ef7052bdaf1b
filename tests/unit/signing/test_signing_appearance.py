import pytest
from PIL import Image

from ecopy.refusals import Refusal
from signing.adapters.appearances import Look, UnusableAppearanceError, render

OFFICER = Look("officer", "pqv", ("Phạm Quốc Vĩnh",), ("KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"))
SEAL = Look("seal", "H99.42.05.13", ("ỦY BAN NHÂN DÂN", "PHƯỜNG HOA BAN"))


@pytest.mark.parametrize("look", [OFFICER, SEAL])
def test_the_same_inputs_give_the_same_pin(look):
    assert render(look).digest() == render(look).digest()


def test_every_input_that_is_shown_changes_the_pin(tmp_path):
    """Name, title, agency lines, code and image are in what is pinned."""
    image = tmp_path / "signature.png"
    Image.new("RGB", (200, 80), "white").save(image)
    looks = [
        OFFICER,
        SEAL,
        Look("officer", "pqv", ("Phạm Quốc Vinh",), OFFICER.title_lines),
        Look("officer", "pqv", OFFICER.name_lines, ("CHỦ TỊCH",)),
        Look("officer", "pqv", OFFICER.name_lines, OFFICER.title_lines, image),
        Look("seal", "H99.42.05.14", SEAL.name_lines),
        Look("seal", SEAL.id, ("PHƯỜNG HOA BAN",)),
    ]
    assert len({render(look).digest() for look in looks}) == len(looks)


def test_a_transparent_image_is_not_usable(tmp_path):
    """No soft mask in a copy: it is flattened on white before."""
    image = tmp_path / "seal.png"
    Image.new("RGBA", (80, 80), (200, 0, 0, 90)).save(image)
    with pytest.raises(UnusableAppearanceError, match="flatten"):
        render(Look("seal", SEAL.id, SEAL.name_lines, (), image))


def test_a_name_that_does_not_fit_is_refused():
    with pytest.raises(Refusal):
        render(Look("officer", "pqv", ("Phạm Quốc Vĩnh " * 20,), ("CHỦ TỊCH",)))
