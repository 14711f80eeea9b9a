"""Hosts for the acceptance tests, built out of network namespaces and taken down again."""
