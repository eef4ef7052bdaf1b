"""Copies by the code that signs, before judges that share no code with it.

``make conformance``; required in .ci/run, elsewhere a missing tool is a skip.
"""

import pytest

from conformance.hearing import all_agree
from support.authority import authority
from support.originals import full_page, jpeg, one_of_each_kind
from support.sealed import sealed_copy


@pytest.mark.parametrize(
    ("kind", "pages"),
    [
        ("every-kind-of-page", one_of_each_kind()),
        ("one-jpeg", [full_page(jpeg())]),
    ],
)
def test_every_judge_accepts_a_copy_and_refuses_altered_ones(kind, pages, tmp_path):
    """Signatures, level, PDF/A-2b, tokens and ranges as strangers see them; each judge
    refuses the alteration that it can tell."""
    with authority(tmp_path) as pki:
        made = sealed_copy(pki, pages)
        copy = tmp_path / f"{kind}.pdf"
        copy.write_bytes(made.content)
        all_agree(copy, pki.folder / "root.pem", kind)
