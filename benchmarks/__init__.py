"""What the library costs beside what a tester would use instead: ``scripts/bench`` runs both in turn and prints a table."""
