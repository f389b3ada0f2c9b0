"""The account PostgreSQL runs under (运行账户): the caller's own; one of its own where the caller is root."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

NAME = "lianban"


class AccountError(Exception):
    """数据库的运行账户无法使用。"""


class Identity(TypedDict, total=False):
    """What `subprocess` wants to know of another account."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True)
class Account:
    """Who runs PostgreSQL over `folder`; `uid` None means whoever runs us."""

    folder: Path
    uid: int | None = None
    gid: int | None = None

    @property
    def identity(self) -> Identity:
        """The arguments for `subprocess`."""
        if self.uid is None or self.gid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def give(self, path: Path) -> None:
        """Have `path` belong to this account."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)

    def can_reach(self, path: Path) -> bool:
        """Tell whether this account can enter every folder down to `path`."""
        if self.uid is None:
            return True
        return subprocess.run(["test", "-x", path], cwd="/", check=False, **self.identity).returncode == 0

    def reachable_programs(self, programs: Path) -> Path:
        """Answer a folder with these programs that this account can run.

        Where the Python environment lies in root's own home, the programs are copied beside the data.
        """
        if self.can_reach(programs / "postgres"):
            return programs
        package = programs.parent.parent  # <package>/pginstall/bin, with its libraries in <package>.libs
        copy = self.folder.parent / "programs" / str(int((programs / "postgres").stat().st_mtime))
        if not copy.exists():
            unfinished = copy.with_suffix(".unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)
            for folder in (package, package.with_name(package.name + ".libs")):
                if folder.exists():
                    shutil.copytree(folder, unfinished / folder.name, symlinks=True)
            unfinished.parent.chmod(0o755)
            unfinished.rename(copy)
        return copy / package.name / "pginstall" / "bin"


def account_for(folder: Path) -> Account:
    """Answer the account that runs PostgreSQL over `folder`, with the folder made and given to it (mode 0700)."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o755)
    account = Account(folder)
    if os.geteuid() == 0:
        owner = folder.stat()
        entry = _own_entry() if owner.st_uid == 0 else pwd.getpwuid(owner.st_uid)
        account = Account(folder, entry.pw_uid, entry.pw_gid)
        if owner.st_uid == 0:
            if any(folder.iterdir()):
                raise AccountError(f"{folder} 属于 root 且已有内容，无法交给数据库账户使用。")
            account.give(folder)
        if not account.can_reach(folder.parent):
            raise AccountError(
                f"以 root 运行时，数据库账户 {entry.pw_name} 进不了 {folder.parent}。"
                "请用 LIANBAN_HOME 指定其他目录（默认 /var/lib/lianban）。"
            )
    folder.chmod(stat.S_IRWXU)
    return account


def _own_entry() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(NAME)
    except KeyError:
        made = subprocess.run(
            ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", NAME],
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode not in {0, 9}:  # 9: another start was first
            raise AccountError(f"以 root 运行需要账户 {NAME}，但无法建立：{made.stderr.strip()}") from None
        return pwd.getpwnam(NAME)
