"""A morning's packets: a roster is a loop over orders, with plates, on as many cores and machines as there are."""
