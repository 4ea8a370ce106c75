"""How far apart the classes of the training images lie, as the model sees them."""
