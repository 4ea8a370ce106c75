"""Lists of pictures and labels: their forms, their lines, and the labels that are not supported."""
