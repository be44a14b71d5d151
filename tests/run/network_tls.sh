#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Cameras over TLS, which OpenSSL speaks at the other end: who is believed, and who is not and
# hears nothing; and those that mean harm before there is a certificate.
set -u
cd "$(dirname "$0")/../.." || exit
. tests/tap.sh
. tests/network/alone.sh
. tests/network/lib.sh
secret=tiger-lily-77
printf 'me:%s\n' $secret >"$work/secret"
chmod 600 "$work/secret"
film -t 5 -q:v 5 -f mjpeg "$work/small.mjpg"

# Certificates: made NAME SUBJECT-ALT-NAME DAYS, by the issuer; lone NAME, by itself, for no name of ours.
key() { openssl ecparam -name prime256v1 -genkey -noout -out "$work/$1.key" 2>/dev/null; }
made() {
	key "$1"
	openssl req -new -key "$work/$1.key" -subj /CN=camera -out "$work/$1.csr" 2>/dev/null
	printf 'subjectAltName = %s\n' "$2" >"$work/$1.ext"
	openssl x509 -req -in "$work/$1.csr" -CA "$work/issuer.pem" -CAkey "$work/issuer.key" -CAcreateserial "${@:3}" \
		-extfile "$work/$1.ext" -out "$work/$1.pem" 2>/dev/null
}
lone() { key "$1"; openssl req -x509 -new -key "$work/$1.key" -subj "/CN=IPC-$1" -days 30 -out "$work/$1.pem" 2>/dev/null; }
key issuer
openssl req -x509 -new -key "$work/issuer.key" -subj /CN=issuer -days 30 -out "$work/issuer.pem" 2>/dev/null
made good IP:127.0.0.1,DNS:localhost -days 30
made other DNS:other.example,IP:192.0.2.7 -days 30
made expired IP:127.0.0.1 -not_before 20200101000000Z -not_after 20200201000000Z
[ -s "$work/expired.pem" ] || made expired IP:127.0.0.1 -days -1
lone own
lone stranger

# secure CERTIFICATE [VERSION]: in front of the plain server $plain, at the next port.
secure() {
	port=$((port + 1))
	: >"$work/tls"
	/usr/bin/python3 tests/network/tls.py $port $plain "$work/$1.pem" "$work/$1.key" "${@:2}" >"$work/tls" 2>&1 &
	tls=$!
	pids="$pids $tls"
	waits '^ready' "$work/tls"
}
# refused WHAT WHY [LINE...]: and nothing is said to it.
refused() {
	policy "https://127.0.0.1:$port/" "credentials = $work/secret" "${@:3}"
	begin
	is "$1: it is black, and that is said" waits "$2.*; black" "$work/said"
	end
	is "$1: no picture was shown" test "$(grep -c 'camera on' "$work/said")" = 0
	is "$1: there was a connection" waits '^0 bytes\|^none' "$work/tls"
	is "$1: it was told nothing" test "$(grep -c -E '^[1-9][0-9]* bytes' "$work/tls")" = 0
	kill $tls
}

policy "rtsp://127.0.0.1/" "tls-ca = $work/issuer.pem"
"$scrim" policy check "$work/policy" >"$work/said" 2>&1
is "a certificate where there is no TLS is refused" said 'tls-ca, but its device is neither rtsps'
policy "rtsps://127.0.0.1/" "tls-ca = issuer.pem"
"$scrim" policy check "$work/policy" >"$work/said" 2>&1
is "its file has a whole path" said 'tls-ca: not the path of a file'

policy "rtsps://127.0.0.1/" "tls-ca = $work/nowhere.pem"
"$scrim" policy show "$work/policy" >"$work/said" 2>&1
is "a policy that is written again has it" said "^tls-ca = $work/nowhere.pem"
"$scrim" doctor --policy "$work/policy" >"$work/said" 2>&1
is "doctor sees that it is not there" said 'nowhere.pem: No such file'
policy "rtsps://127.0.0.1/" "tls-ca = $work/issuer.pem"
chmod 666 "$work/issuer.pem"
"$scrim" doctor --policy "$work/policy" >"$work/said" 2>&1
is "and who can change it" said 'issuer.pem'
chmod 644 "$work/issuer.pem"

plain=$((port += 1))
/usr/bin/python3 tests/network/server.py http $plain "$work/small.mjpg" "me:$secret" >"$work/server" 2>&1 &
pids="$pids $!"
waits '^ready' "$work/server"
for version in 1.2 1.3; do
	secure good $version
	shows "pictures over TLS $version, whose issuer is known" "https://127.0.0.1:$port/" \
		"credentials = $work/secret" "tls-ca = $work/issuer.pem"
	is "by that version" grep -q "^TLSv$version" "$work/tls"
	is "the password is in no message" test "$(cat "$work/said" "$work/json" | grep -c $secret)" = 0
	kill $tls
done
secure good
shows "by its name" "https://localhost:$port/" "credentials = $work/secret" "tls-ca = $work/issuer.pem"
kill $tls
secure own
shows "one with a certificate of its own, whatever name is in it" "https://127.0.0.1:$port/" \
	"credentials = $work/secret" "tls-ca = $work/own.pem"
kill $tls
secure good
refused "an issuer whom the system does not know" 'certificate is from nobody who is trusted.*tls-ca'
secure stranger
refused "a certificate of its own that nobody knows" 'certificate is from nobody who is trusted'
secure stranger
refused "another than the one that is expected" 'certificate is from nobody who is trusted' "tls-ca = $work/own.pem"
secure other
refused "a certificate for another name" 'certificate is not for 127.0.0.1' "tls-ca = $work/issuer.pem"
secure expired
refused "one that has expired" 'certificate has expired' "tls-ca = $work/issuer.pem"
secure good 1.1
refused "TLS 1.1" 'TLS' "tls-ca = $work/issuer.pem"
secure good
printf 'no certificate\n' >"$work/none.pem"
refused "a file without a certificate" 'no certificate in the file of tls-ca' "tls-ca = $work/none.pem"
secure good
refused "a file that is not there" 'No such file' "tls-ca = $work/nowhere.pem"
# What answers in plain words.
port=$plain tls=
policy "https://127.0.0.1:$port/" "tls-ca = $work/issuer.pem"
begin
is "a camera without TLS is not asked in plain words" waits 'TLS.*; black' "$work/said"
end

# The system's certificates, for one scrimd, are our issuer's.
system=/etc/ssl/certs/ca-certificates.crt
if [ ! -e $system ]; then
	skip "an issuer whom the system knows" "there is no $system"
else
	plain=$((port + 1)) port=$((port + 1))
	/usr/bin/python3 tests/network/server.py http $plain "$work/small.mjpg" >"$work/server" 2>&1 &
	pids="$pids $!"
	waits '^ready' "$work/server"
	secure good
	printf '#!/bin/sh\nexec unshare -m sh -c "mount --bind %s %s && exec %s \\"\\$@\\"" - "$@"\n' "$work/issuer.pem" $system \
		"$(realpath "$scrimd")" >"$work/believing"
	chmod +x "$work/believing"
	real=$scrimd scrimd=$work/believing
	shows "an issuer whom the system knows" "https://127.0.0.1:$port/"
	scrimd=$real
	kill $tls
fi

if ! /usr/bin/python3 -c 'import gi; gi.require_version("GstRtspServer", "1.0")' 2>/dev/null; then
	skip "RTSP over TLS" "there is no GStreamer RTSP server"
else
	film -c:v libx264 -preset ultrafast -g 30 "$work/h264.mp4"
	plain=$((port += 1))
	again() {
		/usr/bin/python3 tests/network/server.py rtsp $plain "$work/h264.mp4" "me:$secret" digest >"$work/server" 2>&1 &
		server=$!
		pids="$pids $server"
		waits '^ready' "$work/server"
	}
	again
	secure good
	shows "RTSP over TLS" "rtsps://127.0.0.1:$port/cam" "credentials = $work/secret" "tls-ca = $work/issuer.pem"
	policy "rtsps://127.0.0.1:$port/cam" "credentials = $work/secret" "tls-ca = $work/issuer.pem"
	begin
	is "it is watched" frames 20
	{ kill -9 $tls $server; wait $tls $server; } 2>/dev/null
	is "when it goes, there is black" waits 'black: the camera closed the connection' "$work/said"
	again
	port=$((port - 1))
	secure good
	is "when it comes back, so do its pictures" waits 'camera on' "$work/said" 2
	end
	kill $tls
fi

# Those who mean harm.
first=$((port + 1))
/usr/bin/python3 tests/network/hostile.py $first tls "$work/good.pem" "$work/good.key" >"$work/hostile" 2>&1 &
pids="$pids $!"
waits '^ready' "$work/hostile"
read -r -a kinds <<<"$(sed 's/^ready //' "$work/hostile")"
hostile rtsps "tls-ca = $work/issuer.pem"
exit $failed
