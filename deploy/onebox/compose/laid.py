"""Where the files lie that ``compose.yaml`` asks an operator for."""

from dataclasses import dataclass
from pathlib import Path

from onebox.compose.env_file import EnvFile, read_env


@dataclass(frozen=True, slots=True)
class Laid:
    """Paths only; nothing need be there yet."""

    root: Path
    """The folder of compose.yaml."""
    config: Path
    secrets: Path

    @classmethod
    def at(cls, root: Path) -> "Laid":
        """The places that the ``.env`` of *root* names, or the usual ones."""
        env = read_own_env(root)
        return cls(
            root,
            root / env.value("ECOPY_CONFIG", "config"),
            root / env.value("ECOPY_SECRETS", "secrets"),
        )

    @property
    def env(self) -> Path:
        return self.root / ".env"

    @property
    def trust(self) -> Path:
        return self.config / "trust.json"

    @property
    def agencies(self) -> Path:
        return self.config / "agencies.toml"

    @property
    def key_folder(self) -> Path:
        """Mounted into signing alone."""
        return self.secrets / "signing"

    @property
    def keys(self) -> Path:
        return self.key_folder / "keys.toml"

    @property
    def certificates(self) -> Path:
        """TLS certificates of the two faces, mounted into caddy alone."""
        return self.secrets / "caddy"

    def shown(self, path: Path) -> str:
        """*path* as the operator names it."""
        inside = path.is_relative_to(self.root)
        return str(path.relative_to(self.root) if inside else path)


def read_own_env(root: Path) -> EnvFile:
    try:
        return read_env((root / ".env").read_text("utf-8"))
    except (OSError, ValueError):
        return EnvFile((), ())
