"""The command that asks and listens on the wire: who answers, who advertises, how far it is.

All its parts run side by side, within a few seconds; each line that it prints says which part said
it, and of whom: ``PART SUBJECT TEXT``. What is not there to ask with is said, and nothing is kept.
"""

from __future__ import annotations

from dataclasses import replace

from vip_tui.nodes.commands import Command

WINDOW_S = 3.0  # longer than the advertisement interval of most virtual routers, which is a second

# One program in two languages, for the nodes that have only one of them. Its arguments: seconds,
# interface, own address, "tap" or "-", peers. With "tap" it tells each advertisement on the wire
# (before the firewall); it always tells whose packets of IP protocol 112 came through the firewall,
# and sends each peer some of its own. These are VRRP in name only: unicast, version 0, VRID 0, no
# priority, TTL 1; whoever speaks VRRP discards them (RFC 5798, section 7.1). They go past our own
# firewall (packet(7)), because a packet that passed it would open the way for the answer: the
# peer's next one would count as established, and a firewall that drops the peers would not show.
_PYTHON = """
import array, select, socket, struct, sys, time
seconds, name, own, tap = float(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4] == "tap"
peers, told = sys.argv[5:], set()
pause = 0.2 if len(peers) < 9 else 0.6
def say(*words):
    if words not in told:
        told.add(words)
        print(*words, flush=True)
def address(four):
    return socket.inet_ntoa(four)
def checksum(data):
    total = sum(struct.unpack("!10H", data))
    total = (total & 0xffff) + (total >> 16)
    return 0xffff - (total & 0xffff) - (total >> 16)
def probe(peer):
    head = [0x45, 0, 28, 0, 0, 1, 112, 0, socket.inet_aton(own), socket.inet_aton(peer)]
    head[7] = checksum(struct.pack("!BBHHHBBH4s4s", *head))
    return struct.pack("!BBHHHBBH4s4s", *head) + bytes(8)
def send():
    with open("/proc/net/arp") as table:
        known = [line.split() for line in table]
    for row in known:
        if row[0] in peers and row[-1] == name and row[2] == "0x2":
            mac = bytes.fromhex(row[3].replace(":", ""))
            wire.sendto(probe(row[0]), (name, 0x0800, 0, 0, mac))
            say("sent", row[0])
def told_of(packet, how, mac):
    body = packet[(packet[0] & 15) * 4:]
    if packet[9] != 112 or len(body) < 8:
        return
    source, target = address(packet[12:16]), address(packet[16:20])
    if how == "through":
        return say(how, source, body[1])
    vips = [address(body[8 + 4 * i:12 + 4 * i]) for i in range(body[3]) if len(body) >= 12 + 4 * i]
    say(how, source, target, body[0] >> 4, body[1], body[2], mac, ",".join(vips) or "-")
try:
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0)
    if tap:
        steps = (0x30, 0, 0, 9, 0x15, 0, 1, 112, 6, 0, 0, 65535, 6, 0, 0, 0)
        code = array.array("B", struct.pack("HBBI" * 4, *steps))
        wire.setsockopt(socket.SOL_SOCKET, 26, struct.pack("HL", 4, code.buffer_info()[0]))
        many = struct.pack("iHH8s", socket.if_nametoindex(name), 2, 0, bytes(8))
        wire.setsockopt(263, 1, many)
        wire.bind((name, 0x0800))
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, 112)
    raw.setsockopt(socket.SOL_SOCKET, 25, name.encode())
    say("listening")
    now = time.monotonic()
    end, next = now + seconds, now
    while now < end:
        if now >= next:
            send()
            next = now + pause
        for one in select.select([raw, wire], [], [], max(0, min(next, end) - now))[0]:
            packet, sender = one.recvfrom(2048)
            if one is raw:
                told_of(packet, "through", "-")
            else:
                told_of(packet, "advert", ":".join("%02x" % byte for byte in sender[4]))
        now = time.monotonic()
except OSError as error:
    say("denied", error.strerror)
"""
_PERL = """
use Socket;
$| = 1;
my ($seconds, $name, $own, $tap, @peers) = @ARGV;
my (%told, %peer); $peer{$_} = 1 for @peers;
my $pause = @peers < 9 ? 0.2 : 0.6;
sub say_once { my $line = join " ", @_; print "$line\\n" unless $told{$line}++ }
sub denied { print "denied $!\\n"; exit }
sub probe {
    my @head = (0x45, 0, 28, 0, 0, 1, 112, 0, inet_aton($own), inet_aton($_[0]));
    my $total = 0; $total += $_ for unpack "n10", pack "CCnnnCCna4a4", @head;
    $total = ($total & 0xffff) + ($total >> 16) for 1, 2;
    $head[7] = 0xffff - $total;
    return pack("CCnnnCCna4a4", @head) . "\\0" x 8;
}
my $index;
sub send_all {
    open my $table, "<", "/proc/net/arp" or return;
    while (<$table>) {
        my @row = split;
        next unless $peer{$row[0]} and $row[-1] eq $name and $row[2] eq "0x2";
        my $mac = pack "H12", join "", split /:/, $row[3];
        my $to = pack "S n i S C C a8", 17, 0x0800, $index, 0, 0, 6, $mac;
        say_once("sent", $row[0]) if send $wire, probe($row[0]), 0, $to;
    }
}
sub told_of {
    my ($packet, $how, $mac) = @_;
    my @byte = unpack "C*", $packet;
    my $at = ($byte[0] & 15) * 4;
    return if $byte[9] != 112 or @byte < $at + 8;
    my ($source, $target) = map { join ".", @byte[$_ .. $_ + 3] } 12, 16;
    my ($first, $vrid, $priority, $count) = @byte[$at .. $at + 3];
    return say_once($how, $source, $vrid) if $how eq "through";
    my @vips = map { join ".", @byte[$_ .. $_ + 3] }
        grep { $_ + 4 <= @byte } map { $at + 8 + 4 * $_ } 0 .. $count - 1;
    say_once($how, $source, $target, $first >> 4, $vrid, $priority, $mac, join(",", @vips) || "-");
}
socket $wire, 17, SOCK_DGRAM, 0 or denied;
my $request = pack "a16 x24", $name;
ioctl $wire, 0x8933, $request or denied;
$index = unpack "x16 i", $request;
if ($tap eq "tap") {
    my $code = pack "SCCL" x 4, 0x30, 0, 0, 9, 0x15, 0, 1, 112, 6, 0, 0, 65535, 6, 0, 0, 0;
    setsockopt $wire, SOL_SOCKET, 26, pack "S x![L!] P", 4, $code or denied;
    setsockopt $wire, 263, 1, pack "i S S a8", $index, 2, 0, "" or denied;
    bind $wire, pack "S n i S C C a8", 17, 0x0800, $index, 0, 0, 0, "" or denied;
}
socket my $raw, AF_INET, SOCK_RAW, 112 or denied;
setsockopt $raw, SOL_SOCKET, 25, $name or denied;
say_once("listening");
my ($now, $next) = (0, 0);
while ($now < $seconds) {
    if ($now >= $next) { send_all(); $next = $now + $pause }
    my $ready = ""; vec($ready, fileno $_, 1) = 1 for $raw, $wire;
    my $wait = ($next < $seconds ? $next : $seconds) - $now;
    my ($found, $left) = select $ready, undef, undef, $wait;
    $now += $wait - $left;
    if ($found > 0) {
        if (vec $ready, fileno $raw, 1) {
            recv $raw, my $packet, 2048, 0; told_of($packet, "through");
        }
        if (vec $ready, fileno $wire, 1) {
            my $from = recv $wire, my $packet, 2048, 0;
            my (undef, undef, undef, undef, undef, $length, $mac) = unpack "S n i S C C a8", $from;
            told_of($packet, "advert", join ":", unpack "(H2)$length", $mac);
        }
    }
}
"""

# $1 is for how many seconds, $2 the interface, $3 our own address there, $4 the VIPs, $5 the peers:
# addresses with spaces between. tcpdump shows passwords, which `said` takes off before they are
# printed. The neighbour table's memory of a VIP is dropped first: see `flushed`.
LISTEN = Command(
    "listen",
    f"""
PATH=$PATH:/usr/sbin:/sbin LC_ALL=C
export PATH LC_ALL
said() {{ while IFS= read -r l; do printf '%s\\n' "$1 ${{l%% auth \\"*}}"; done; }}
has() {{ command -v "$1" >/dev/null 2>&1; }}
quick=
case $(ping -V 2>&1) in
  *iputils*|*inetutils*) quick='-n -i 0.2';;
  *'-i SECS'*) quick='-i 0.2';;
esac
family=ip; case $3 in *:*) family=ip6;; esac
six() {{ case $1 in *:*) has ping6 && echo ping6 && return;; esac; echo ping; }}
distance() {{
  if has ping; then $(six "$1") -c 4 $quick -W 1 "$1"
  elif has arping; then arping -c 3 -w 3 -I "$2" "$1"
  else echo "missing: ping"; fi
}}
answers() {{
  case $(ip -o addr show) in *" $1/"*) echo own; return;; esac
  ip neigh flush to "$1" 2>/dev/null && echo flushed
  has arping && case $1 in *:*) ;; *) arping -c 2 -w 2 -I "$2" "$1" & ;; esac
  if has ping; then $(six "$1") -c 2 $quick -W 1 "$1" >/dev/null && echo answered
  elif ! has arping; then echo "missing: ping"; fi
  wait
  ip neigh show to "$1"
}}
for p in $5; do
  ip route get "$p" 2>&1 | said "route $p" &
  distance "$p" "$2" 2>&1 | said "ping $p" &
done
for v in $4; do answers "$v" "$2" 2>&1 | said "vip $v" & done
py= tap=tap
for p in python3 /usr/libexec/platform-python; do has $p && py=$p && break; done
if has tcpdump; then
  tap=-
  what="$family proto 112 and not src host $3"
  timeout "$1" tcpdump -l -n -e -v -i "$2" -c 1000 "$what" 2>&1 | said "tcpdump $2" &
fi
if [ $family = ip6 ]; then echo "probe $2 missing: a program for IPv6"
elif [ "$py" ]; then $py -I -S -c '{_PYTHON}' "$1" "$2" "$3" $tap $5 2>&1 | said "probe $2" &
elif has perl; then perl -e '{_PERL}' "$1" "$2" "$3" $tap $5 2>&1 | said "probe $2" &
else echo "probe $2 missing: python3 or perl"; fi
has tcpdump || echo "tcpdump $2 missing: tcpdump"
wait
ip neigh show dev "$2" 2>&1 | head -n 1000 | said "neighbour $2"
""",
    limit_s=10,
    needs="root",
)

# What an account without root's rights can still ask.
LISTEN_AS_USER = replace(LISTEN, id="listen-as-user", needs="user")
