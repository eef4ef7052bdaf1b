"""The texts of ``agencies.toml`` and ``keys.toml`` for one agency and one officer."""

import argparse
import json
from collections.abc import Sequence
from datetime import date

from onebox import ward


def agencies_toml(told: argparse.Namespace, since: date) -> str:
    """*since*: the first day on which agency and officer count."""
    officer, seal = key_ids(told)
    return f"""\
# Who certifies for whom. deploy/examples/agencies.toml shows every key, explained.
# A change of a name, a title or a key is a further table with its own valid_from.
[[agencies]]
code = {_quoted(told.agency_code)}
book = {{ ordinal = {told.book} }}

[[agencies.versions]]
version = "1"
valid_from = {since}
name = {_quoted(told.agency_name)}
name_lines = {_list(told.agency_line)}
place = {_quoted(told.place)}
key = {_quoted(seal)}

[[agencies.officers]]
id = {_quoted(told.officer_id)}
version = "1"
name = {_quoted(told.officer_name)}
title_lines = {_list(told.officer_title)}
key = {_quoted(officer)}
valid_from = {since}
"""


def keys_toml(told: argparse.Namespace) -> str:
    officer, seal = key_ids(told)
    text = f"""\
# Where each key is. deploy/examples/keys.toml shows every kind; paths are files of this
# folder. Ids, versions and key ids are the same as in agencies.toml.
[keys.{officer}]
role = "officer"
id = {_quoted(told.officer_id)}
version = "1"
{_place("officer", told)}
name_lines = {_list([told.officer_name])}
title_lines = {_list(told.officer_title)}
{'image = "officer.png"' if told.officer_image else ""}

[keys.{seal}]
role = "seal"
id = {_quoted(told.agency_code)}
version = "1"
{_place("seal", told)}
name_lines = {_list(told.agency_line)}
"""
    return text + _providers(told)


def key_ids(told: argparse.Namespace) -> tuple[str, str]:
    """The key ids of officer and seal."""
    if told.demo:
        return ward.OFFICER_KEY, ward.SEAL_KEY
    code = "".join(c if c.isalnum() else "-" for c in told.agency_code)
    return f"officer-{told.officer_id}", f"seal-{code}"


def _place(role: str, told: argparse.Namespace) -> str:
    if getattr(told, f"{role}_p12"):
        return f'pkcs12 = "{role}.p12"\npassword_file = "{role}.password"'
    certificate = f'certificate = "{role}.pem"\n'
    if label := getattr(told, f"{role}_pkcs11"):
        return (
            certificate + f'pkcs11 = {{ provider = "hsm", label = {_quoted(label)} }}'
        )
    credential = _quoted(getattr(told, f"{role}_csc"))
    return certificate + f'csc = {{ provider = "remote", credential = {credential} }}'


def _providers(told: argparse.Namespace) -> str:
    text = ""
    if told.pkcs11_module:
        text += f"""
[pkcs11.hsm]
module = {_quoted(told.pkcs11_module)}
token = {_quoted(told.pkcs11_token)}
pin_file = "hsm.pin"
"""
    if told.csc_url:
        text += f"""
[csc.remote]
url = {_quoted(told.csc_url)}
client_id = {_quoted(told.csc_client_id)}
client_secret_file = "client.secret"
"""
    return text


def _quoted(text: str) -> str:
    """A TOML basic string: JSON's escapes are among TOML's."""
    return json.dumps(text, ensure_ascii=False)


def _list(lines: Sequence[str]) -> str:
    return f"[{', '.join(map(_quoted, lines))}]"
