"""Training the upstream models of `mini`: with labels, or without (SimCLR)."""

import torch
from torch.nn import functional as F
from tqdm import tqdm

from needle.base.errors import NeedleError
from needle.models.backbones import build, forward_all, normalise

LABEL_SMOOTHING = 0.05
WARMUP = 0.2
TEMPERATURE = 0.2
PROJECTION = (128, 64)


def pretrain(card, images, labels, classes, seed):
    """Train a model from scratch.

    Parameters
    ----------
    card : dict
        Model card; its ``pretrain`` says how.
    images : Tensor of uint8, shape (N, 3, H, W)
    labels : Tensor of int64, shape (N,)
        Not looked at if the objective is ``simclr``.
    classes : int
        Number of upstream classes.
    seed : int

    Returns
    -------
    torch.nn.Module
        With its source head, or without a head if it was trained without labels.

    Raises
    ------
    NeedleError
        If the loss becomes NaN or infinite.
    """
    torch.manual_seed(seed)
    if card["pretrain"]["objective"] == "simclr":
        model = build(card)
        projector = _projector(model.num_features)

        def loss_of(batch):
            views = normalise(images[batch], card).repeat(2, 1, 1, 1)
            return contrastive_loss(projector(model(random_view(views))))

        _optimise(torch.nn.ModuleList([model, projector]), loss_of, len(images), card)
    else:
        model = build(card, classes)

        def loss_of(batch):
            inputs = random_shift(normalise(images[batch], card))
            return F.cross_entropy(model(inputs), labels[batch], label_smoothing=LABEL_SMOOTHING)

        _optimise(model, loss_of, len(images), card)
    return model


def accuracy(model, card, images, labels):
    """Compute the accuracy of a model with its source head."""
    logits = forward_all(model, images, card, batch_size=256)
    return (logits.argmax(dim=1) == labels).double().mean().item()


def _optimise(modules, loss_of, examples, card):
    """Minimise a loss of batches with AdamW and a one-cycle learning rate."""
    settings = card["pretrain"]
    matrices = [p for p in modules.parameters() if p.ndim > 1]
    vectors = [p for p in modules.parameters() if p.ndim <= 1]
    groups = [
        {"params": matrices, "weight_decay": settings["weight_decay"]},
        {"params": vectors, "weight_decay": 0.0},
    ]
    optimiser = torch.optim.AdamW(groups, lr=settings["learning_rate"])
    batch_size = min(settings["batch_size"], examples)
    steps = max(2, settings["images_seen"] // batch_size)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, settings["learning_rate"], total_steps=steps + 1, pct_start=WARMUP
    )
    modules.train()
    waiting = torch.empty(0, dtype=torch.int64)
    for _ in tqdm(range(steps), desc=f"pretrain {card['name']}", mininterval=10):
        if len(waiting) < batch_size:
            waiting = torch.randperm(examples)
        batch, waiting = waiting[:batch_size], waiting[batch_size:]
        loss = loss_of(batch)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    if not torch.isfinite(loss):
        raise NeedleError(
            f"model {card['name']}: its pretraining diverged (loss {loss.item()}); lower "
            "pretrain.learning_rate in its card"
        )


def random_shift(images, most=3):
    """Shift a batch by up to `most` pixels, and permute its colour channels 3 times in 10."""
    size = images.shape[-1]
    padded = F.pad(images, (most,) * 4, mode="reflect")
    top, left = torch.randint(0, 2 * most + 1, (2,)).tolist()
    shifted = padded[:, :, top : top + size, left : left + size]
    if torch.rand(()) < 0.3:
        shifted = shifted[:, torch.randperm(3)]
    return shifted.contiguous(memory_format=torch.channels_last)


def random_view(images):
    """Crop, rotate by up to 0.3 radians, flip and recolour every image on its own."""
    n = len(images)
    scale = torch.empty(n).uniform_(0.45, 1.0)
    angle = torch.empty(n).uniform_(-0.3, 0.3)
    shift = (1 - scale)[:, None] * torch.empty(n, 2).uniform_(-1, 1)
    flip = torch.where(torch.rand(n) < 0.5, -1.0, 1.0)
    cos, sin = scale * angle.cos(), scale * angle.sin()
    rows = torch.stack([cos * flip, -sin, shift[:, 0], sin * flip, cos, shift[:, 1]], dim=1)
    grid = F.affine_grid(rows.view(n, 2, 3), images.shape, align_corners=False)
    views = F.grid_sample(images, grid, padding_mode="reflection", align_corners=False)
    grey = torch.rand(n, 1, 1, 1) < 0.3
    views = torch.where(grey, views.mean(dim=1, keepdim=True), views)
    gain = torch.empty(n, 3, 1, 1).uniform_(0.6, 1.4)
    offset = torch.empty(n, 3, 1, 1).uniform_(-0.3, 0.3)
    return (views * gain + offset).contiguous(memory_format=torch.channels_last)


def contrastive_loss(projections):
    """Compute the NT-Xent loss of SimCLR (Chen et al. 2020, equation 1).

    Parameters
    ----------
    projections : Tensor, shape (2n, d)
        Row i and row i + n are two views of one image.

    Returns
    -------
    Tensor, scalar
    """
    unit = F.normalize(projections, dim=1)
    similarity = unit @ unit.T / TEMPERATURE
    similarity.fill_diagonal_(float("-inf"))
    partner = torch.arange(len(unit)).roll(len(unit) // 2)
    return F.cross_entropy(similarity, partner)


def _projector(dim):
    hidden, out = PROJECTION
    return torch.nn.Sequential(
        torch.nn.Linear(dim, hidden),
        torch.nn.BatchNorm1d(hidden),
        torch.nn.ReLU(),
        torch.nn.Linear(hidden, out),
    )
