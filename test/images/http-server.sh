#!/bin/sh
# An HTTP server on port 8080 ($PORT) that answers every pod's name, and can be told to misbehave:
#   /                 200 and the hostname; 404 while failing
#   /cgi-bin/fail     from now on / fails
#   /cgi-bin/recover  / answers again
#   /cgi-bin/exit?N   the server ends with exit code N
state=$(mktemp -d) && mkdir -p "$state/cgi-bin" || exit 1
hostname >"$state/index.html"

script() {
  printf '#!/bin/sh\necho "Content-Type: text/plain"; echo; echo done\n%s\n' "$2" >"$state/cgi-bin/$1"
  chmod 755 "$state/cgi-bin/$1"
}
script fail "rm -f '$state/index.html'"
script recover "hostname >'$state/index.html'"
script exit "echo \"\$QUERY_STRING\" >'$state/code'; kill \$(cat '$state/pid')"

trap 'exit 0' TERM
httpd -f -p "${PORT:-8080}" -h "$state" &
echo $! >"$state/pid"
wait $!
exit "$(cat "$state/code" 2>/dev/null || echo 1)"
