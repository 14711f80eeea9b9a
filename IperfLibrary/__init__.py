"""Network throughput tests with iperf for Robot Framework."""
