"""One folder a rule: `bad/` breaks it, `good/` comes close, `expected.json` says what is found in `bad/`."""
