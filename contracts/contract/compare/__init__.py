"""Two documents, operation by operation: what a deployed client would notice."""

from contract.compare.documents import compare

__all__ = ["compare"]
