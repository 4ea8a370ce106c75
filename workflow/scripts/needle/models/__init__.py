"""Pre-trained models, from published weights to checkpoints that all jobs read.

`weights` locates and fetches what a card names, from the `hub`, a URL or `packages`; `convert`
loads it strictly into timm's or torchvision's architecture (`backbones`) and compares its
`fingerprint`. A checkpoint is safetensors: the backbone, perhaps ``source_head.``, the card.
`views` is how a model takes a picture; `pretrain` trains mini's own models.

Begin with `load_backbone(path)`, which gives the model without a head, and its card; and
`view_of(task, card)`, which turns pictures into uint8 (N, 3, S, S) on the device.
"""
