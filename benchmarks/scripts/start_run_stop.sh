# Connections stand (ControlMaster). The server gets its second, as in most scripts.
set -eu
server() { $SSH -S "$SERVER_SOCKET" "$SERVER" "$@"; }
client() { $SSH -S "$CLIENT_SOCKET" "$CLIENT" "$@"; }
. "$(dirname "$0")/parts.sh"

server "iperf3 -s -D -p $PORT"
sleep 1
client "iperf3 -c $ADDRESS -p $PORT -t 1 -J" >"$CLIENT_SOCKET.json"
server "pkill -f 'iperf3 -s -D -p $PORT'"
received <"$CLIENT_SOCKET.json"
