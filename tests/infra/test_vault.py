"""What is sealed opens only with its key and only where it belongs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.vault import Tampered, Vault, WrongKey, hash_token, new_token

OLD, NEW = bytes(range(32)), bytes(range(32, 64))
HERE = b"RC-370283-20260918-000012-K|/applicant/id_number"
SYNTHETIC_ID = "370283199506150003"


@given(st.binary(max_size=300), st.binary(max_size=60))
def test_what_is_sealed_opens_again_in_its_place(plain: bytes, context: bytes) -> None:
    vault = Vault(NEW)
    assert vault.open(vault.seal(plain, context), context) == plain


def test_the_same_number_sealed_twice_looks_different_and_never_shows() -> None:
    vault = Vault(NEW)
    first, second = vault.seal(SYNTHETIC_ID, HERE), vault.seal(SYNTHETIC_ID, HERE)
    assert first != second
    assert SYNTHETIC_ID.encode() not in first


def test_a_value_moved_to_another_row_does_not_open_there() -> None:
    vault = Vault(NEW)
    with pytest.raises(Tampered):
        vault.open(vault.seal(SYNTHETIC_ID, HERE), b"another row")


@given(st.data())
def test_a_changed_byte_anywhere_is_found(data: st.DataObject) -> None:
    vault = Vault(NEW)
    sealed = bytearray(vault.seal(SYNTHETIC_ID, HERE))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises((Tampered, WrongKey)):
        vault.open(bytes(sealed), HERE)


@pytest.mark.parametrize("sealed", [b"", b"\x01", b"\x02" + bytes(40)])
def test_what_was_never_sealed_is_refused(sealed: bytes) -> None:
    with pytest.raises(Tampered):
        Vault(NEW).open(sealed, HERE)


def test_another_key_is_told_clearly() -> None:
    with pytest.raises(WrongKey, match="另一把密钥"):
        Vault(NEW).open(Vault(OLD).seal(SYNTHETIC_ID, HERE), HERE)


def test_after_a_rotation_old_values_open_and_new_ones_use_the_new_key() -> None:
    before, after = Vault(OLD), Vault(NEW, OLD)
    sealed = before.seal(SYNTHETIC_ID, HERE)
    assert after.open(sealed, HERE) == SYNTHETIC_ID.encode()
    assert not after.is_current(sealed)
    assert after.is_current(after.seal(SYNTHETIC_ID, HERE))
    assert after.blinds("identity", SYNTHETIC_ID) == (
        after.blind("identity", SYNTHETIC_ID),
        before.blind("identity", SYNTHETIC_ID),
    )


def test_the_blind_index_finds_a_number_however_it_was_typed() -> None:
    vault = Vault(NEW)
    assert vault.blind("identity", " 37028319950615000x") == vault.blind(
        "identity", "３７０２８３１９９５０６１５０００Ｘ"
    )
    assert vault.blind("identity", SYNTHETIC_ID) != vault.blind("bank", SYNTHETIC_ID)
    assert vault.blind("identity", SYNTHETIC_ID) != Vault(OLD).blind("identity", SYNTHETIC_ID)


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_key_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Vault(bytes(length))


def test_tokens_are_drawn_once_and_kept_as_hashes() -> None:
    token = new_token()
    assert token != new_token()
    assert len(hash_token(token)) == 32
    assert hash_token(token) != hash_token(new_token())
    assert len(hash_token("\ud800")) == 32, "whatever a header may carry"
