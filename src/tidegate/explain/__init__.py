"""What a screening and its decision come to in words, places and numbers, before any markup: for every page alike."""
