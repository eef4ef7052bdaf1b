"""What a certified copy is on its way to the seal. Pure: values in, values out."""
