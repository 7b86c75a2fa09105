"""Provenance: manifests of origin, declarations inside the file, traces of editing and encoding."""
