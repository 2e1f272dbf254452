"""The settings: their packaged values (default.toml), their types and bounds (settings.py) and the log set-up."""
