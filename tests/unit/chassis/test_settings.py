"""Settings that the services share, and what one word of them changes."""

import pytest

from chassis.settings import migrate_settings
from intake.settings import DeskBindSettings, Settings


def test_a_command_on_the_database_needs_the_database_alone(monkeypatch):
    """What else the service is told is left alone; another service's is not read."""
    monkeypatch.setenv("SIGNING__DATABASE__URL", "sqlite:///signing.db")
    monkeypatch.setenv("SIGNING__THREADS", "4")
    monkeypatch.setenv("STORAGE__LOGS__LEVEL", "debug")
    read = migrate_settings("SIGNING")
    assert read.database.url.get_secret_value() == "sqlite:///signing.db"
    assert read.logs.level == "info"
    with pytest.raises(ValueError, match="database"):
        migrate_settings("STORAGE")


def test_the_desk_keeps_its_port_where_only_its_host_is_given():
    """Each service has its own default port, whatever else of the pair is set."""
    field = Settings.model_fields["bind"]
    assert field.annotation is DeskBindSettings
    assert DeskBindSettings.model_validate({"host": "0.0.0.0"}).port == 8080
