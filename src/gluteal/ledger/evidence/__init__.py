"""The evidence: claims, the studies that bear on them, what they add up to, and how sure that is."""
