"""Templates of charts, read and never run: their actions, what these render from, and what they pass to `tpl`."""
