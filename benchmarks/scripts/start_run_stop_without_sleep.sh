# The same, as short as it can be: the device itself waits until the port is open.
set -eu
server() { $SSH -S "$SERVER_SOCKET" "$SERVER" "$@"; }
client() { $SSH -S "$CLIENT_SOCKET" "$CLIENT" "$@"; }
. "$(dirname "$0")/parts.sh"

server "iperf3 -s -D -p $PORT; until ss -ltn | grep -q ':$PORT '; do sleep 0.01; done"
client "iperf3 -c $ADDRESS -p $PORT -t 1 -J" >"$CLIENT_SOCKET.json"
server "pkill -f 'iperf3 -s -D -p $PORT'"
received <"$CLIENT_SOCKET.json"
