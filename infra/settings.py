"""Every setting (设置) of the platform in one class, its meaning beside it; secrets are kept in files of their own."""

from __future__ import annotations

import os
import secrets
import tempfile
from functools import cache
from pathlib import Path
from urllib.parse import quote

import platformdirs
from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from forms.office_hours import OfficeHours

KEY_BYTES = 32


def default_home() -> Path:
    """Answer where data live unless told otherwise: root's service data stay out of root's own home."""
    return Path("/var/lib/lianban") if os.geteuid() == 0 else platformdirs.user_data_path("lianban")


class Settings(BaseSettings):
    """What an operator may decide; nothing else in the code reads the environment."""

    model_config = SettingsConfigDict(env_prefix="LIANBAN_", extra="ignore", frozen=True, populate_by_name=True)

    home: Path = Field(default_factory=default_home, description="数据目录：数据库、上传文件、密钥、日志")
    host: str = Field("127.0.0.1", description="网页与接口的监听地址")
    port: int = Field(8000, ge=1, le=65535, description="网页与接口的端口")
    api_workers: int = Field(1, ge=1, le=64, description="接口进程数")
    demo: bool = Field(False, description="演示模式：演示机构与人员、演示数据源、可调时钟")
    test: bool = Field(False, description="测试模式：可调时钟")

    database_url: SecretStr | None = Field(None, description="外部 PostgreSQL（14 以上）的地址；不填则使用内置数据库")
    pool_size: int = Field(16, ge=1, le=500, description="每个进程保持的数据库连接数")
    pool_overflow: int = Field(16, ge=0, le=500, description="每个进程忙时可另开的数据库连接数")
    pool_wait_seconds: float = Field(5.0, gt=0, description="等待空闲数据库连接的最长秒数")
    statement_seconds: float = Field(60.0, gt=0, description="单条数据库语句的最长秒数")
    lock_seconds: float = Field(10.0, gt=0, description="等待行锁的最长秒数")

    sweep_seconds: float = Field(60.0, gt=0, description="定时巡检的间隔秒数：唤醒一切可办的事项")
    poll_seconds: float = Field(1.0, gt=0, description="办理进程取新批次的间隔秒数；催动时立即取")
    pass_workers: int = Field(4, ge=1, le=64, description="一个工作进程同时办理的批次数")
    prefect_port: int = Field(0, ge=0, le=65535, description="内置 Prefect 服务的端口；0 为自动选择")
    prefect_url: str | None = Field(None, alias="PREFECT_API_URL", description="Prefect 接口地址；内置时自动填写")
    prefect_auth: SecretStr | None = Field(
        None, alias="PREFECT_API_AUTH_STRING", description="Prefect 接口的访问口令（用户:口令）；内置时自动填写"
    )
    prefect_keep_days: int = Field(7, ge=1, description="Prefect 运行历史保留天数")

    upload_limit_bytes: int = Field(10 * 1024 * 1024, gt=0, description="单个上传文件的大小上限（字节）")
    body_limit_bytes: int = Field(2 * 1024 * 1024, gt=0, description="单个接口请求（不含文件）的大小上限（字节）")
    token_hours: int = Field(12, ge=1, description="访问令牌的有效小时数")

    session_hours: int = Field(12, ge=1, le=24 * 7, description="登录会话的最长小时数")
    session_idle_minutes: int = Field(60, ge=1, le=24 * 60, description="登录会话闲置多少分钟后失效")
    applicant_minutes: int = Field(30, ge=1, le=24 * 60, description="申请人输入查询码后，闲置多少分钟须重新输入")
    lock_failures: int = Field(5, ge=1, le=1000, description="同一账号登录失败多少次后锁定")
    lock_minutes: int = Field(15, ge=1, le=24 * 60, description="登录失败锁定的分钟数，也是累计失败次数的时段")

    public_url: str | None = Field(None, description="公众访问本系统的地址（二维码、认证回调用）；不填则取访问时的地址")
    oidc_issuer: str | None = Field(None, description="统一身份认证（OpenID Connect）的 issuer；不填则只用本系统账号")
    oidc_client_id: str = Field("lianban", description="在统一身份认证登记的应用标识")
    oidc_client_secret: SecretStr | None = Field(None, description="在统一身份认证登记的应用密钥；公开客户端不填")
    oidc_scope: str = Field("openid profile", description="向统一身份认证申请的范围")
    oidc_claim: str = Field("preferred_username", description="统一身份认证中对应本系统账号的字段")
    oidc_title: str = Field("统一身份认证", description="登录页上统一身份认证的名称")

    office_hours: str = Field(
        "09:00-12:00 13:30-17:00",
        description="办公时间：签收、退回分办按此计时；网上申请过了下班时间，下一工作日收件",
    )
    claim_office_days: float = Field(0.5, gt=0, le=30, description="任务应在几个工作日的办公时间内签收")
    dispatch_office_hours: float = Field(24.0, gt=0, le=500, description="退回的任务应在几个办公小时内重新分办")

    registry_url: str | None = Field(None, description="共享数据源网关的地址；演示模式下自动启动演示数据源")
    registry_token: SecretStr | None = Field(None, description="共享数据源网关的访问令牌")
    registry_seconds: float = Field(3.0, gt=0, description="向共享数据源查询一次的最长秒数")

    notify_sms_url: str | None = Field(None, description="短信网关的地址：受理、补正、决定、送达、延误时告知申请人")
    notify_sms_token: SecretStr | None = Field(None, description="短信网关的访问令牌")
    notify_webhook_url: str | None = Field(None, description="政务消息平台的地址：所有通知以 JSON 推送")
    notify_webhook_token: SecretStr | None = Field(None, description="政务消息平台的访问令牌")
    notify_urls: dict[str, list[SecretStr]] = Field(
        default_factory=dict,
        description='按席位通知的 apprise 地址（电子邮件等），如 {"seat:370283:*:manager": ["mailtos://…"]}',
    )
    notify_seconds: float = Field(5.0, gt=0, description="发送一条通知的最长秒数")
    notify_keep_days: int = Field(7, ge=1, description="通知发送不出去时继续重试的天数；过后放弃并告知管理员")

    vault_secret: SecretStr | None = Field(
        None,
        alias="LIANBAN_VAULT_KEY",
        description="身份证号、银行账号和上传材料的加密密钥（64 位十六进制）；不填则在数据目录生成",
    )
    log_level: str = Field("INFO", description="日志级别")

    @field_validator("home")
    @classmethod
    def _whole(cls, home: Path) -> Path:
        return home.expanduser().absolute()

    @field_validator("database_url")
    @classmethod
    def _is_postgresql(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None:
            with_driver(url.get_secret_value(), "psycopg")
        return url

    @field_validator("office_hours")
    @classmethod
    def _are_hours(cls, text: str) -> str:
        OfficeHours.read(text)
        return text

    @field_validator("vault_secret")
    @classmethod
    def _key_is_hexadecimal(cls, key: SecretStr | None) -> SecretStr | None:
        if key is not None and len(bytes.fromhex(key.get_secret_value())) != KEY_BYTES:
            raise ValueError("密钥须为 64 位十六进制")
        return key

    @property
    def movable_clock(self) -> bool:
        """Whether the clock may be moved: demo and test mode only."""
        return self.demo or self.test

    @property
    def embedded(self) -> bool:
        """Whether the platform runs its own PostgreSQL."""
        return self.database_url is None

    @property
    def postgres_folder(self) -> Path:
        """Where the embedded PostgreSQL keeps its data and its socket."""
        return self.home / "postgres"

    @property
    def files_folder(self) -> Path:
        """Where uploaded files (上传文件) are kept."""
        return self.home / "files"

    @property
    def logs_folder(self) -> Path:
        """Where every process writes its log."""
        return self.home / "logs"

    @property
    def secrets_folder(self) -> Path:
        """Where keys are kept, apart from the database and from the backup."""
        return self.home / "secrets"

    def sqlalchemy_url(self, database: str = "lianban") -> str:
        """Answer the address for SQLAlchemy with psycopg 3, of the embedded database or the external one."""
        if self.database_url is not None:
            return with_driver(self.database_url.get_secret_value(), "psycopg")
        return f"postgresql+psycopg://postgres@/{database}?host={quote(str(self.postgres_folder))}"

    def vault_key(self) -> bytes:
        """Answer the 32 bytes that seal identity and bank numbers; made on first use, never kept in the database."""
        if self.vault_secret is not None:
            return bytes.fromhex(self.vault_secret.get_secret_value())
        return bytes.fromhex(self.secret("vault.key"))

    def secret(self, name: str) -> str:
        """Answer the random secret kept under `name` (64 hexadecimal digits, file mode 0600), made on first use."""
        path = self.secrets_folder / name
        if not path.exists():
            self.secrets_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, draft = tempfile.mkstemp(dir=self.secrets_folder)
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(secrets.token_hex(KEY_BYTES) + "\n")
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(draft, path)  # fails where another process was first: its secret holds
            except FileExistsError:
                pass
            finally:
                os.unlink(draft)
        return path.read_text(encoding="ascii").strip()


def with_driver(url: str, driver: str) -> str:
    """Answer the PostgreSQL address `url` with the SQLAlchemy driver `driver` named in it."""
    scheme, _, rest = url.partition("://")
    if scheme.split("+")[0] not in {"postgresql", "postgres"}:
        raise ValueError("数据库地址须以 postgresql:// 开头。")
    return f"postgresql+{driver}://{rest}"


@cache
def settings() -> Settings:
    """Answer this process's settings, read once."""
    return Settings()


def variable(name: str) -> str:
    """Answer the environment variable of the setting `name`."""
    field = Settings.model_fields.get(name)
    return (field.alias if field is not None else name) or f"LIANBAN_{name.upper()}"
