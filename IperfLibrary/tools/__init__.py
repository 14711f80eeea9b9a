"""The iperf programs: one module each for the command line, the output and the faults of a tool."""
