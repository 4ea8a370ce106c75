"""The formats of a user's files: a new one is a line here."""

# Of pictures, as Pillow calls them, with the endings of their names.
PICTURES = {
    "PNG": [".png"],
    "JPEG": [".jpg", ".jpeg", ".jpe", ".jfif"],
    "GIF": [".gif"],
    "BMP": [".bmp"],
    "TIFF": [".tif", ".tiff"],
    "WEBP": [".webp"],
    "PPM": [".ppm", ".pgm", ".pbm", ".pnm"],
}
PICTURE_SUFFIXES = frozenset(suffix for suffixes in PICTURES.values() for suffix in suffixes)
FEATURE_SUFFIXES = (".npz", ".parquet")  # of embeddings
# Of lists of pictures, with what may separate their cells: the usual one first.
LIST_SUFFIXES = {".csv": ",;\t", ".tsv": "\t,;", ".txt": "\t,; ", ".lst": "\t,; "}
