"""Sound: speech, singing, music and silence, loudness and startling peaks, mounted taggers."""
