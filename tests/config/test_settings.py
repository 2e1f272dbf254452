"""Settings come from the packaged file, the operator's file and the environment, and no typo passes unseen."""

import os
import re
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest
from pydantic import SecretStr

from config.settings import Settings, SettingsInvalid, home_dir, load_settings

DEFAULT = files("config").joinpath("default.toml").read_text("utf-8")
SECRETS = {("discord", "token"), ("llm", "api_key")}


@pytest.fixture
def own_file(tmp_path, monkeypatch):
    """Write the operator's file and name it in DATELINE_CONFIG."""

    def write(text):
        path = tmp_path / "own.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        monkeypatch.setenv("DATELINE_CONFIG", str(path))
        return path

    return write


def fields():
    return {
        (section, key)
        for section, field in Settings.model_fields.items()
        for key in field.annotation.model_fields
    }  # fmt: skip


# The packaged file


def test_the_packaged_file_alone_is_enough():
    settings = load_settings()
    packaged = tomllib.loads(DEFAULT)
    for section, values in packaged.items():
        for key, value in values.items():
            assert getattr(getattr(settings, section), key) == value


def test_the_packaged_file_has_every_setting_but_the_secrets():
    packaged = {(section, key) for section, values in tomllib.loads(DEFAULT).items() for key in values}
    assert packaged == fields() - SECRETS


def test_the_secrets_are_the_fields_that_hide_what_they_hold():
    hidden = {
        (section, key)
        for section, key in fields()
        if "SecretStr" in str(Settings.model_fields[section].annotation.model_fields[key].annotation)
    }
    assert hidden == SECRETS


def test_every_setting_in_the_packaged_file_has_its_own_comment_right_above_it():
    lines = DEFAULT.splitlines()
    keys = [number for number, line in enumerate(lines) if re.match(r"\w+ = ", line)]
    assert len(keys) == len(fields() - SECRETS)
    assert [lines[number] for number in keys if not lines[number - 1].startswith("# ")] == []


# The operator's file


def test_a_value_in_the_operators_file_replaces_that_value_only(own_file):
    before = load_settings()
    own_file("[retrieval]\nhits = 3\n")
    after = load_settings()
    assert after.retrieval.hits == 3
    assert after.retrieval.model_copy(update={"hits": before.retrieval.hits}) == before.retrieval
    assert after.model_copy(update={"retrieval": before.retrieval}) == before


def test_an_operators_file_that_is_missing_is_refused_by_its_name(tmp_path, monkeypatch):
    monkeypatch.setenv("DATELINE_CONFIG", str(tmp_path / "nowhere.toml"))
    with pytest.raises(SettingsInvalid, match=r"DATELINE_CONFIG names .*nowhere\.toml, which cannot be read"):
        load_settings()
    monkeypatch.setenv("DATELINE_CONFIG", str(tmp_path))
    with pytest.raises(SettingsInvalid, match="cannot be read"):
        load_settings()


def test_an_empty_name_names_no_file(monkeypatch):
    monkeypatch.setenv("DATELINE_CONFIG", "")
    load_settings()


@pytest.mark.parametrize("text", ["[retrieval\nhits = 3", "hits: 3", b"\xff\xfe", "[llm]\nmodel = 'a'\nmodel = 'b'"])
def test_an_operators_file_that_is_no_toml_is_refused(own_file, text):
    path = own_file(text)
    with pytest.raises(SettingsInvalid, match="is not valid TOML") as refused:
        load_settings()
    assert str(path) in str(refused.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[retrieval]\nhit = 3", "retrieval.hit is unknown"),
        ("[retreival]\nhits = 3", "retreival is unknown"),
        ("hits = 3", "hits is unknown"),
        ("[llm.openai]\nmodel = 'x'", "llm.openai is unknown"),
        ("[discord]\nToken = 'x'", "discord.Token is unknown"),
        ("retrieval = 3", "retrieval is wrong"),
    ],
)
def test_a_name_in_the_operators_file_that_is_no_setting_is_refused(own_file, text, told):
    own_file(text)
    with pytest.raises(SettingsInvalid, match=told.replace(".", r"\.")):
        load_settings()


@pytest.mark.parametrize(("section", "key"), sorted(SECRETS))
def test_a_secret_in_the_operators_file_is_refused_and_not_repeated(own_file, section, key):
    own_file(f"[{section}]\n{key} = 'hunter2'\n")
    with pytest.raises(SettingsInvalid) as refused:
        load_settings()
    assert f"DATELINE_{section.upper()}__{key.upper()}" in str(refused.value)
    assert "hunter2" not in str(refused.value)


# The environment


def test_the_environment_wins_over_the_file_and_keeps_what_it_does_not_name(own_file, monkeypatch):
    own_file("[retrieval]\nhits = 3\ncandidates = 7\n")
    monkeypatch.setenv("DATELINE_RETRIEVAL__HITS", "4")
    settings = load_settings()
    assert (settings.retrieval.hits, settings.retrieval.candidates) == (4, 7)
    assert settings.retrieval.passage_tokens == 128


@pytest.mark.parametrize(
    "name",
    [
        "DATELINE_RETREIVAL__HITS",
        "DATELINE_RETRIEVAL__HIT",
        "DATELINE_RETRIEVAL_HITS",
        "DATELINE_RETRIEVAL",
        "DATELINE_HITS",
        "DATELINE_RETRIEVAL__HITS__X",
        "DATELINE_TOKEN",
        "dateline_llm__modell",
        "DATELINE_",
    ],
)
def test_a_variable_that_names_no_setting_is_refused(monkeypatch, name):
    monkeypatch.setenv(name, "3")
    with pytest.raises(SettingsInvalid, match=f"variable {name} names no setting"):
        load_settings()


def test_other_programs_variables_are_none_of_our_business(monkeypatch):
    monkeypatch.setenv("RETRIEVAL__HITS", "3")
    monkeypatch.setenv("MY_DATELINE_RETRIEVAL__HITS", "3")
    assert load_settings().retrieval.hits == 10


def test_all_mistakes_in_the_environment_are_told_at_once(monkeypatch):
    monkeypatch.setenv("DATELINE_ONE", "1")
    monkeypatch.setenv("DATELINE_TWO", "2")
    with pytest.raises(SettingsInvalid) as refused:
        load_settings()
    assert [line.split()[3] for line in str(refused.value).splitlines()] == ["DATELINE_ONE", "DATELINE_TWO"]


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("retrieval.passage_tokens", "15"),
        ("retrieval.passage_tokens", "2049"),
        ("retrieval.dense_weight", "-0.1"),
        ("retrieval.dense_weight", "1.1"),
        ("retrieval.candidates", "0"),
        ("retrieval.hits", "0"),
        ("retrieval.hits", "ten"),
        ("retrieval.hits", "1.5"),
        ("retrieval.hits", ""),
        ("retrieval.max_waiting_questions", "0"),
        ("retrieval.chroma_url", "127.0.0.1:8000"),
        ("retrieval.chroma_url", "file:///etc/passwd"),
        ("embedding.model", ""),
        ("embedding.runtime", "tensorflow"),
        ("answering.min_confidence", "nan"),
        ("answering.timeout_s", "0"),
        ("answering.timeout_s", "inf"),
        ("answering.question_limit_chars", "4001"),
        ("answering.max_quotes", "4"),
        ("llm.model", "gpt-5-mini"),
        ("llm.base_url", "localhost"),
        ("llm.temperature", "-1"),
        ("discord.guild_id", "-1"),
        ("discord.guild_id", "my server"),
        ("discord.gateway_url", "https://discord.example"),
        ("log.level", "TRACE"),
    ],
)
def test_a_value_out_of_its_bounds_is_refused_by_the_settings_name(monkeypatch, setting, value):
    monkeypatch.setenv(f"DATELINE_{setting.replace('.', '__').upper()}", value)
    with pytest.raises(SettingsInvalid, match=f"setting {re.escape(setting)} is wrong"):
        load_settings()


def test_the_two_weights_must_not_both_be_0(own_file):
    own_file("[retrieval]\ndense_weight = 0\nlexical_weight = 0.0\n")
    with pytest.raises(SettingsInvalid, match="retrieval is wrong: dense_weight and lexical_weight must not both be 0"):
        load_settings()


# Secrets


def test_secrets_come_from_the_environment_and_are_never_shown(monkeypatch):
    monkeypatch.setenv("DATELINE_DISCORD__TOKEN", "hunter2")
    monkeypatch.setenv("DATELINE_LLM__API_KEY", "hunter3")
    settings = load_settings()
    assert settings.discord.token.get_secret_value() == "hunter2"
    assert settings.llm.api_key.get_secret_value() == "hunter3"
    assert isinstance(settings.llm.api_key, SecretStr)
    for shown in (repr(settings), str(settings), f"{settings.llm}", settings.model_dump_json(), str(settings.__dict__)):
        assert "hunter" not in shown


def test_secrets_are_not_shown_in_what_is_wrong_elsewhere(monkeypatch):
    monkeypatch.setenv("DATELINE_DISCORD__TOKEN", "hunter2")
    monkeypatch.setenv("DATELINE_DISCORD__GUILD_ID", "x")
    with pytest.raises(SettingsInvalid) as refused:
        load_settings()
    assert "hunter2" not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__


def test_without_secrets_there_are_none():
    settings = load_settings()
    assert settings.discord.token is None
    assert settings.llm.api_key is None


def test_settings_cannot_be_changed():
    settings = load_settings()
    with pytest.raises(ValueError, match="frozen"):
        settings.retrieval.hits = 3
    with pytest.raises(ValueError, match="frozen"):
        settings.retrieval = None


# The home


def test_the_home_is_the_option_then_the_variable_then_the_setting_then_the_platforms(monkeypatch, own_file, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "platform"))
    assert home_dir(load_settings(), None) == tmp_path / "platform" / "dateline"
    own_file(f"[home]\ndir = '{tmp_path}/setting'\n")
    assert home_dir(load_settings(), None) == tmp_path / "setting"
    monkeypatch.setenv("DATELINE_HOME", str(tmp_path / "variable"))
    assert home_dir(load_settings(), None) == tmp_path / "variable"
    assert home_dir(load_settings(), tmp_path / "option") == tmp_path / "option"


def test_the_homes_variable_is_no_section_and_stays_in_the_environment(monkeypatch):
    monkeypatch.setenv("DATELINE_HOME", "/somewhere")
    assert load_settings().home.dir == ""
    assert os.environ["DATELINE_HOME"] == "/somewhere"
    monkeypatch.setenv("DATELINE_RETRIEVAL__HITS", "x")
    with pytest.raises(SettingsInvalid):
        load_settings()
    assert os.environ["DATELINE_HOME"] == "/somewhere"


def test_a_home_is_absolute_and_a_tilde_is_whoever_runs(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert home_dir(load_settings(), Path("~/news")) == tmp_path / "news"
    assert home_dir(load_settings(), Path("news")) == tmp_path / "news"
    monkeypatch.setenv("DATELINE_HOME", "")
    monkeypatch.setenv("DATELINE_HOME__DIR", "~/news")
    assert home_dir(load_settings(), None) == tmp_path / "news"


def test_onnx_runtime_is_for_the_processor_only(monkeypatch):
    monkeypatch.setenv("DATELINE_EMBEDDING__RUNTIME", "onnx")
    assert load_settings().embedding.runtime == "onnx"
    monkeypatch.setenv("DATELINE_EMBEDDING__DEVICE", "cuda")
    with pytest.raises(SettingsInvalid, match='device = "cpu" only'):
        load_settings()
