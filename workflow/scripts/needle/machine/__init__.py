"""The machine that jobs run on: its devices, its network, its scheduler.

`device` says where torch computes and how exactly; `gpus` and `gpu_pool` give each job a GPU of its
own. `download` fetches a file once, checked and resumed. `job_memory` says how many MB a job asks
for, `allocator` how it keeps them; `orphans` cancels what a killed Snakemake left on a cluster.

Begin with `choose_device(threads, gpus)`, which gives a torch.device, and `fetch(url, path)`.
"""
