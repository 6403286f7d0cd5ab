#!/bin/bash
# A mutating webhook for one connection, run by socat behind TLS: every object gets a label.
length=0
while IFS= read -r line; do
  line=${line%$'\r'}
  [[ -z $line ]] && break
  [[ ${line,,} == content-length:* ]] && length=${line#*:}
done
body=$(head -c "$((length))")
[[ $body =~ \"request\":\{\"uid\":\"([^\"]+)\" ]] || exit 1
patch='[{"op":"add","path":"/metadata/labels","value":{"admitted":"yes"}}]'
answer='{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","response":{"uid":"'${BASH_REMATCH[1]}'","allowed":true,"patchType":"JSONPatch","patch":"'$(printf %s "$patch" | base64 -w0)'","warnings":["from '$HOSTNAME'"]}}'
printf 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %s\r\nConnection: close\r\n\r\n%s' "${#answer}" "$answer"
