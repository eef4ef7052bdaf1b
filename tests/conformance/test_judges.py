"""Copies by the code that signs, before judges that share no code with it.

``make conformance``; required in .ci/run, elsewhere a missing tool is a skip.
"""

import pytest

from conformance.hearing import all_agree
from support import signing


@pytest.mark.parametrize(
    ("kind", "pages"),
    [
        ("every-kind-of-page", signing.one_of_each_kind()),
        ("one-jpeg", [signing.full_page(signing.jpeg())]),
    ],
)
def test_every_judge_accepts_a_copy_and_refuses_altered_ones(kind, pages, tmp_path):
    """Signatures, level, PDF/A-2b, tokens and ranges as strangers see them; each judge
    refuses the alteration that it can tell."""
    with signing.authority(tmp_path) as pki:
        made = signing.sealed_copy(pki, pages)
        copy = tmp_path / f"{kind}.pdf"
        copy.write_bytes(made.content)
        all_agree(copy, pki.folder / "root.pem", kind)
