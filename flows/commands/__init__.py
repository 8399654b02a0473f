"""The commands of the CLI, one module each; `flows.cli` loads only the one that is called."""
