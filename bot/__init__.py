"""bump: keep the images of a GitOps repository at the digest that their channel tag names.

The version below is the only place that states it: packaging reads it from the text, without an import.
"""

__version__ = "0.1.0"
