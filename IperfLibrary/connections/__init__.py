"""The ways to reach a device: one module each behind one small protocol."""
