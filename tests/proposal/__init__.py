"""Proposals: records, fingerprints, the marker and the action that converges."""
