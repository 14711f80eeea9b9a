# What the receiver got, in bit/s, of the document of iperf3 on standard input.
received() {
    sed -n '/"sum_received"/,/}/s/.*"bits_per_second":[[:space:]]*\([0-9.e+]*\).*/\1/p'
}
