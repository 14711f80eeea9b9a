# Logs in to both hosts, runs another script over these connections, and closes them.
set -eu
SERVER_SOCKET=$SERVER_SOCKET.first CLIENT_SOCKET=$CLIENT_SOCKET.first
export SERVER_SOCKET CLIENT_SOCKET
$SSH -M -N -f -S "$SERVER_SOCKET" "$SERVER"
$SSH -M -N -f -S "$CLIENT_SOCKET" "$CLIENT"
status=0
sh "$(dirname "$0")/$1" || status=$?
$SSH -S "$SERVER_SOCKET" -O exit "$SERVER" 2>/dev/null
$SSH -S "$CLIENT_SOCKET" -O exit "$CLIENT" 2>/dev/null
exit $status
