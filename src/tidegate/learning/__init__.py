"""From labelled decisions and texts to weights, calibration and an honest account of both."""
