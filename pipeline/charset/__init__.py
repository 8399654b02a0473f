"""Character encodings: the labels pages use, how each is read, and what a detector makes of the bytes."""
