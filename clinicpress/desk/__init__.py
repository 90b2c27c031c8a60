"""The front desk in a browser: pick, fill, look, print. It answers on this machine only, unless told otherwise."""
