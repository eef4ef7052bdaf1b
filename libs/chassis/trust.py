"""The trust document from its file, under the one rule of who may start with which."""

from pathlib import Path

from chassis.starting import CannotStart
from ecopy.trust import TrustDocument


def open_trust(path: Path, *, demo: bool, prefix: str) -> TrustDocument:
    """The trust document in *path*, if it fits the ``DEMO`` setting of the service
    whose settings begin with *prefix* (``SIGNING``).

    Raises CannotStart for a file that is no trust document, for a development authority
    in production, and for a real one in a demo: signing, the gate and the desk must
    agree, or each copy would be refused after its number was taken.
    """
    # The three services read the same file but not the same settings: each must refuse
    # by itself what the others would.
    trust = read_trust(path)
    if trust.demo and not demo:
        raise CannotStart(
            f"{path} chứa cơ quan chứng thực thử, bản sao sẽ vô giá trị. Dùng tài liệu"
            f" thật, hoặc đặt {prefix}__DEMO=true để chạy thử.",
            f"{path} holds a development authority, whose copies are worth nothing."
            f" Use a real one, or set {prefix}__DEMO=true for a trial.",
        )
    if demo and not trust.demo:
        raise CannotStart(
            f"{prefix}__DEMO=true, nhưng {path} là tài liệu tin cậy thật: bản sao sẽ bị"
            f" từ chối. Bỏ {prefix}__DEMO, hoặc dùng tài liệu của bản thử nghiệm.",
            f"{prefix}__DEMO=true, but {path} is a real trust document: every copy"
            f" would be refused. Leave {prefix}__DEMO out, or use a trial's document.",
        )
    return trust


def read_trust(path: Path) -> TrustDocument:
    """Raises CannotStart if the file is not there, is no trust document, or is not what
    it says it is.
    """
    try:
        return TrustDocument.model_validate_json(path.read_bytes())
    except (OSError, ValueError) as error:
        why = " ".join(str(error).split())[:300]
        raise CannotStart(
            f"{path.name} không phải tài liệu tin cậy dùng được. Đặt đúng tệp rồi khởi"
            " động lại.",
            f"{path.name} is no trust document that can be used; give the right one and"
            f" start again. ({why})",
        ) from error
