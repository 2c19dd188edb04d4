"""Occlusion sensitivity (Sec. IV-C): engines, maps, and the FACS regions they are compared with."""
