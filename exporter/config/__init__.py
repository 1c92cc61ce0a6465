"""The configuration file, validated before anything is used."""
