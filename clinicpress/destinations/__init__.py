"""Where finished documents go. Each destination takes them as they are issued, and gives a receipt for each."""
