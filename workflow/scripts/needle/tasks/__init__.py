"""Tasks: pictures with labels, split into train, val and test, in one file each.

Takes pictures from three places: drawn ones (`mini`), the original files of VTAB-1K (`vtab1k`), a
user's folder or list (`own`). Gives a task file (`task_file`): ``{split}_images`` uint8 (N, 3, H,
W), or pictures with their own shapes, and ``{split}_labels`` int64 (N,), with a card of names and
classes. `sources` chooses the place that a task's card names.

Begin with `Task(path)`, which reads such a file, and `write_task`.
"""
